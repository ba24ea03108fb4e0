import { createInterface } from "node:readline/promises";
import type { CrashId } from "../tracker/types.ts";
import { nativeArchitecture, openTracker } from "../wiring/open.ts";
import { beginRetrace } from "./begin-retrace.ts";
import { configWith } from "./config-overrides.ts";
import { CliError, exitCode } from "./exit.ts";
import type { RetraceFlags } from "./retrace-flags.ts";
import { retraceFromCommandLine } from "./retrace-report.ts";
import { runFromCommandLine } from "./run-batch.ts";

/**
 * `retrace ID --auth FILE`: the result goes to the tracker. That is a batch of this crash alone, with its lock, its
 * duplicate check and its outbox: two ways to write to a tracker would be one too many. Resolves with the exit code.
 */
export async function retraceOnTracker(id: CrashId, flags: RetraceFlags): Promise<number> {
  if (!(await isPending(id, flags))) {
    throw new CliError(`crash ${id} does not wait for a retrace: its tag need-ARCHITECTURE-retrace is not there`);
  }
  if (flags.confirm && !(await isConfirmed(id, flags))) return exitCode.ok;
  const { config, cache, duplicateDb, verbose, sandbox, stacktraceSource } = flags;
  const code = await runFromCommandLine({
    format: "log",
    only: id,
    ...(config === undefined ? {} : { config }),
    ...(cache === undefined ? {} : { cache }),
    ...(duplicateDb === undefined ? {} : { duplicateDb }),
    ...(verbose === undefined ? {} : { verbose }),
    ...(stacktraceSource === undefined ? {} : { stacktraceSource }),
    ...(sandbox === undefined ? {} : { configDir: sandbox }),
    ...(isLocal(flags) || flags.auth === undefined ? {} : { auth: flags.auth }),
  });
  if (code !== exitCode.ok || !(await isPending(id, flags))) return code;
  throw new CliError(`crash ${id} still waits for its retrace; the log above says why`, exitCode.transient);
}

// The local tracker needs no credentials: there --auth only says that the result is to be sent.
function isLocal({ config }: RetraceFlags): boolean {
  return configWith({ config }).tracker.type === "local";
}

async function isPending(id: CrashId, { config, auth }: RetraceFlags): Promise<boolean> {
  await using tracker = await openTracker(configWith({ config, auth }));
  return (await tracker.pending(await nativeArchitecture())).includes(id);
}

// Nobody to answer (no terminal, end of input) means no.
async function isConfirmed(id: CrashId, flags: RetraceFlags): Promise<boolean> {
  const shown: RetraceFlags = { ...flags, stdout: true };
  await using begun = await beginRetrace(shown);
  await retraceFromCommandLine(String(id), shown, begun);
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<string>((resolve) => prompt.once("close", () => resolve("")));
  const answer = await Promise.race([prompt.question("Send this to the tracker? [y/N] "), closed]);
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}
