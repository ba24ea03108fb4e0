import type { Config } from "../config/schema.ts";
import { prepare, readWholeCore, retrace } from "../retrace/retrace.ts";
import type { CrashToRetrace, Traced } from "../retrace/types.ts";
import { systemClock } from "../system/clock.ts";
import { TransientFailure } from "../system/failure.ts";
import { lineLog, silentLog } from "../system/log.ts";
import { gdbByHand, type WiredRetrace, whyNoSources, wireRetrace } from "../wiring/retrace.ts";
import { idleAmong, idleMessage, idleOfRetrace } from "./apport-options.ts";
import type { BegunRetrace } from "./begin-retrace.ts";
import { isCrashId } from "./crash-id.ts";
import { CliError, exitCode } from "./exit.ts";
import { printable } from "./printable.ts";
import type { RetraceFlags } from "./retrace-flags.ts";
import { type RetraceInput, readInput } from "./retrace-input.ts";
import { jsonOf, textOf, writeManifest, writeTraced } from "./retrace-output.ts";

/** Retraces one report or crash and shows or stores the result; resolves with the exit code. */
export async function retraceFromCommandLine(
  report: string,
  flags: RetraceFlags,
  { config, work, warm }: BegunRetrace,
): Promise<number> {
  const services = await servicesFor(config, flags);
  const input = await readInput(report, config, work.path, flags);
  await tellMissingSources(report, input, services, config);
  if (flags.gdb) return await byHand(report, input, services, config);
  const traced = await tracedOrThrow(report, { ...input.crash, warm }, services);
  if (flags.manifest !== undefined) await writeManifest(flags.manifest, traced);
  const output = flags.output ?? (isCrashId(report) || flags.stdout || flags.json ? null : report);
  if (flags.json) process.stdout.write(`${JSON.stringify(jsonOf(traced))}\n`);
  else if (output === null) process.stdout.write(textOf(traced));
  else await writeTraced(output, input, traced, flags);
  return exitCode.ok;
}

/** What a retrace needs, with a log on stderr when it was asked for. */
async function servicesFor(config: Config, flags: RetraceFlags): Promise<WiredRetrace> {
  const log = flags.verbose ? lineLog((line) => process.stderr.write(line), systemClock, true) : silentLog;
  const idle = idleAmong(flags, idleOfRetrace);
  if (idle !== null) log.event(idleMessage, idle);
  return await wireRetrace(config, log);
}

// A trace without any package of its release is mostly question marks; that should not have to be guessed from them.
async function tellMissingSources(report: string, { crash }: RetraceInput, wired: WiredRetrace, config: Config) {
  const { fields } = crash;
  const release = fields.get("DistroRelease") ?? null;
  const reason = await whyNoSources(wired, config, release, fields.get("Architecture") ?? "unknown");
  if (reason === null) return;
  const remedy = "only files of this machine and of the cache are used; -S names other package sources";
  process.stderr.write(`crash-digger: ${report}: ${printable(reason)}: ${remedy}\n`);
}

async function byHand(report: string, { crash }: RetraceInput, wired: WiredRetrace, config: Config): Promise<number> {
  const read = readWholeCore(crash.corePath);
  if (read.kind === "damaged") throw new CliError(`${report}: ${read.reason}`);
  await using prepared = await prepare(crash, read.core, wired, new AbortController().signal);
  return await gdbByHand(prepared.task, config);
}

async function tracedOrThrow(report: string, crash: CrashToRetrace, wired: WiredRetrace): Promise<Traced> {
  const result = await retrace(crash, wired, new AbortController().signal).catch((error: unknown) => {
    if (error instanceof TransientFailure) throw new CliError(`${report}: ${error.message}`, exitCode.transient);
    throw error;
  });
  if (result.kind === "traced") return result;
  const code = result.kind === "retry" ? exitCode.transient : exitCode.failed;
  throw new CliError(`${report}: ${printable(result.reason)}`, code);
}
