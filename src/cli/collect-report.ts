import { createReadStream } from "node:fs";
import { access, mkdtemp, rm } from "node:fs/promises";
import { constants } from "node:os";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { collect } from "../collect/collect.ts";
import type { Collected } from "../collect/types.ts";
import { defaultReportLimits } from "../report/limits.ts";
import { writeReport } from "../report/write-report.ts";
import { messageOf } from "../system/failure.ts";
import { nativeArchitecture } from "../wiring/open.ts";
import { CliError, exitCode } from "./exit.ts";
import { printable } from "./printable.ts";

/** What the command line of `collect` says. */
export type CollectFlags = {
  readonly core: string;
  readonly executable?: string;
  readonly output?: string;
};

/** Writes the report of a core; resolves with the exit code. A signal ends it without leaving anything behind. */
export async function collectFromCommandLine(flags: CollectFlags): Promise<number> {
  const controller = new AbortController();
  let stoppedBy: NodeJS.Signals | null = null;
  const onSignal = (name: NodeJS.Signals): void => {
    stoppedBy ??= name;
    controller.abort(new Error(`stopped by ${name}`));
  };
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"]) process.once(name, onSignal);
  try {
    await collectInto(flags, controller.signal);
    return exitCode.ok;
  } catch (error) {
    if (stoppedBy !== null) return 128 + constants.signals[stoppedBy];
    throw explained(error);
  }
}

async function collectInto(flags: CollectFlags, signal: AbortSignal): Promise<void> {
  const architecture = await nativeArchitecture();
  // Not /tmp: it is often made of memory, and a core may be larger than that.
  const workFolder = await mkdtemp(join(process.env["TMPDIR"] ?? "/var/tmp", "crash-digger-"));
  await using _ = { [Symbol.asyncDispose]: () => rm(workFolder, { recursive: true, force: true }) };
  const executable = flags.executable ?? null;
  const request = { corePath: flags.core, executable, architecture, workFolder };
  const result = await collect({ ...request, maxCoreBytes: defaultReportLimits.binaryBytes }, signal);
  if (result.kind === "refused") throw new CliError(printable(result.reason));
  for (const note of result.notes) process.stderr.write(`crash-digger: ${printable(note)}\n`);
  if (flags.output === "-") return await print(result, join(workFolder, "report"), signal);
  const path = flags.output ?? (await unusedName(result));
  await write(result, path, signal);
  process.stdout.write(`${printable(path)}\n`);
}

async function print(report: Collected, aside: string, signal: AbortSignal): Promise<void> {
  await write(report, aside, signal);
  await pipeline(createReadStream(aside), process.stdout, { signal, end: false });
}

async function write({ fields, corePath }: Collected, path: string, signal: AbortSignal): Promise<void> {
  const written = await writeReport(path, { fields, binaries: new Map([["CoreDump", { path: corePath }]]) }, signal);
  if (!written.ok) throw new CliError(`the report cannot be written: ${printable(written.fault.message)}`);
}

// A pid comes again sooner or later, and the report that is there may be of another crash.
async function unusedName(report: Collected): Promise<string> {
  const name = defaultName(report);
  const isThere = await access(name).then(
    () => true,
    () => false,
  );
  if (isThere) throw new CliError(`${name} is there already. Move it away, or name another file with -o.`);
  return name;
}

/** `sleep.4711.crash`; the date stands in for a pid that the core does not tell. */
export function defaultName({ fields, pid }: Pick<Collected, "fields" | "pid">): string {
  const program = basename(fields.get("ExecutablePath") ?? "").replace(/[^\w.+-]/g, "_");
  const date = (fields.get("Date") ?? "").replace(/\W+/g, "-");
  // A name that begins with a dash would be taken for an option later, and one with a dot is not seen by *.crash.
  return `${program.replace(/^[.-]+/, "").slice(0, 64) || "program"}.${pid ?? date}.crash`;
}

// Errors of the file system are for a person; everything else is a bug, or says itself what it is.
function explained(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return error;
  const advice = code === "ENOSPC" ? " Make room there; TMPDIR names another folder for what is decompressed." : "";
  return new CliError(`the report cannot be made: ${printable(messageOf(error))}.${advice}`);
}
