import { hostname } from "node:os";
import type { Config } from "../config/schema.ts";
import { failureNotice } from "../notify/failure-notice.ts";
import { type Channels, tell } from "../notify/tell.ts";
import { forgetTold, noteTold, type ToldNote, wasTold } from "../notify/told-before.ts";
import { systemClock } from "../system/clock.ts";
import { messageOf } from "../system/failure.ts";
import type { Log } from "../system/log.ts";
import { mailOf } from "../wiring/notify.ts";
import { CliError, exitCode } from "./exit.ts";
import { printableLines } from "./printable.ts";
import { stdoutLog } from "./stdout-log.ts";

/** The ways on which people are told, as they are configured. */
export function channelsOf(config: Pick<Config, "notify">, log: Log): Channels {
  const stderr = {
    write: (text: string) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
  };
  return { mail: mailOf(config), stderr, log, clock: systemClock };
}

/** Tells people; other programs' words in it are made printable. */
export async function tellPeople(notice: string, channels: Channels): Promise<void> {
  await tell(printableLines(notice), channels);
}

export type ServiceOptions = {
  /** May add to what is told of a failure. */
  readonly explain?: (error: unknown) => Promise<unknown>;
  /** Notes that people were told; stdout unless given. */
  readonly log?: Log;
  /** For a command that is called every few minutes: of the same failure people are told now and then only. */
  readonly told?: ToldNote;
};

/**
 * Does the work of a command that cron or a timer calls, and that has no lock to keep (what fails under a
 * batch's lock is told by `underLock`). When it fails people are told as they are of a batch: by mail, or with the notice on
 * stderr. On a terminal the error is passed on, as of any other command: whoever typed it reads it there.
 *
 * @param command as it is typed: `backup`, `dupdb publish`.
 * @returns the work's exit code, or 1.
 * @throws what is wrong with the command line, and on a terminal everything.
 */
export async function asService(
  command: string,
  config: Config,
  work: () => Promise<number>,
  { explain = async (error) => error, log = stdoutLog(), told }: ServiceOptions = {},
): Promise<number> {
  const channels = channelsOf(config, log);
  try {
    const code = await work();
    if (told !== undefined) forgetTold(told);
    return code;
  } catch (thrown) {
    const error = await explain(thrown);
    const isUsage = error instanceof CliError && error.exitCode === exitCode.usage;
    if (isUsage || channels.stderr.isTerminal) throw error;
    const reason = messageOf(error);
    if (told !== undefined && wasTold(reason, told)) {
      log.event("failed as before, of which people were told", { command, reason });
      return exitCode.failed;
    }
    const context = {
      what: `crash-digger ${command} failed`,
      host: hostname(),
      time: systemClock.now(),
      lockPath: null,
    };
    await tellPeople(failureNotice(error, context), channels);
    if (told !== undefined) noteTold(reason, told);
    return exitCode.failed;
  }
}
