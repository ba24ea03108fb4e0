import { chmod, rename } from "node:fs/promises";
import { join, resolve } from "node:path";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { makeWorkFolder } from "../digger/work-folders.ts";
import { readReport } from "../report/read-report.ts";
import { writeReport } from "../report/write-report.ts";
import { fidelityRemarks } from "../retrace/fidelity.ts";
import { prepare, readWholeCore, retrace } from "../retrace/retrace.ts";
import { spoolCore } from "../retrace/spool-core.ts";
import type { CrashToRetrace, Traced } from "../retrace/types.ts";
import { systemClock } from "../system/clock.ts";
import { lineLog, silentLog } from "../system/log.ts";
import { openTracker } from "../wiring/open.ts";
import { pathsOf } from "../wiring/paths.ts";
import { gdbByHand, wireRetrace } from "../wiring/retrace.ts";
import { CliError, exitCode } from "./exit.ts";
import { printable, printableLines } from "./printable.ts";
import { renderTable } from "./table.ts";

/** What the command line of `retrace` says. */
export type RetraceFlags = {
  readonly config?: string;
  readonly stdout?: true;
  readonly output?: string;
  readonly sandbox?: string;
  readonly cache?: string;
  readonly json?: true;
  readonly gdb?: true;
  readonly verbose?: true;
};

/** Retraces one report or crash and shows or stores the result; resolves with the exit code. */
export async function retraceFromCommandLine(report: string, flags: RetraceFlags): Promise<number> {
  const config = configWith(flags);
  await using work = await makeWorkFolder(pathsOf(config).work);
  const crash = isCrashId(report)
    ? await crashFromTracker(Number(report), config, work.path)
    : await crashFromFile(report, work.path);
  const log = flags.verbose ? lineLog((line) => process.stderr.write(line), systemClock, true) : silentLog;
  const services = await wireRetrace(config, log);
  const signal = new AbortController().signal;
  if (flags.gdb) {
    const read = readWholeCore(crash.corePath);
    if (read.kind === "damaged") throw new CliError(`${report}: ${read.reason}`);
    const { task } = await prepare(crash, read.core, services, signal);
    return await gdbByHand(task, config);
  }
  const result = await retrace(crash, services, signal);
  if (result.kind === "traced") return await deliver(report, crash, result, flags);
  const code = result.kind === "retry" ? exitCode.transient : exitCode.failed;
  throw new CliError(`${report}: ${printable(result.reason)}`, code);
}

function configWith(flags: RetraceFlags): Config {
  const config = loadConfig(flags.config);
  const releases = flags.sandbox === undefined || flags.sandbox === "system" ? flags.sandbox : resolve(flags.sandbox);
  return {
    ...config,
    ...(releases === undefined ? {} : { releases }),
    ...(flags.cache === undefined ? {} : { cache_dir: resolve(flags.cache) }),
  };
}

// A file named `42` is given as `./42`.
function isCrashId(text: string): boolean {
  return /^[1-9]\d{0,14}$/.test(text);
}

async function crashFromFile(path: string, workFolder: string): Promise<CrashToRetrace> {
  const result = await readReport(path, { spoolFolder: workFolder, binaries: "spool" });
  if (!result.ok) {
    const { field, line, message } = result.fault;
    const where = field === null ? `line ${line}` : `line ${line}, field ${printable(field)}`;
    throw new CliError(`${path}: not a report that can be read: ${where}: ${printable(message)}`);
  }
  const core = result.report.binaries.get("CoreDump");
  if (core === undefined) throw new CliError(`${path}: the report has no core dump (CoreDump): nothing to retrace`);
  const corePath = join(workFolder, "core");
  await rename(core.path, corePath);
  // In the jail gdb runs as another user; the folder around the file is closed to everybody else.
  await chmod(corePath, 0o644);
  return { fields: result.report.fields, corePath, workFolder };
}

async function crashFromTracker(id: number, config: Config, workFolder: string): Promise<CrashToRetrace> {
  await using tracker = await openTracker(config);
  const answer = await tracker.header(id);
  if (answer.kind === "absent") throw new CliError(`crash ${id}: the tracker has no such crash`);
  const stream = await tracker.openCore(id);
  if (stream === null) throw new CliError(`crash ${id}: it has no core dump (any more): nothing to retrace`);
  const corePath = join(workFolder, "core");
  const spooled = await spoolCore(stream, corePath, config.batch.max_core_bytes, new AbortController().signal);
  if (spooled.kind === "damaged") throw new CliError(`crash ${id}: ${printable(spooled.reason)}`);
  return { fields: answer.header.fields, corePath, workFolder };
}

async function deliver(report: string, crash: CrashToRetrace, traced: Traced, flags: RetraceFlags): Promise<number> {
  const output = flags.output ?? (isCrashId(report) || flags.stdout || flags.json ? null : report);
  if (flags.json) process.stdout.write(`${JSON.stringify(jsonOf(traced))}\n`);
  else if (output === null) process.stdout.write(textOf(traced));
  else await writeTraced(output, crash, traced);
  return exitCode.ok;
}

async function writeTraced(path: string, crash: CrashToRetrace, traced: Traced): Promise<void> {
  const fields = new Map([...crash.fields, ...traced.fields]);
  const written = await writeReport(path, { fields, binaries: new Map([["CoreDump", { path: crash.corePath }]]) });
  if (!written.ok) throw new CliError(`${path}: the report cannot be written: ${printable(written.fault.message)}`);
  process.stdout.write(`${path}: written with its traces\n`);
}

function textOf(traced: Traced): string {
  const shown = ["StacktraceTop", "Stacktrace", "ThreadStacktrace", "Registers", "Disassembly", "AssertionMessage"];
  const sections = shown.flatMap((name) => {
    const text = traced.fields.get(name);
    return text === undefined || text === "" ? [] : [`--- ${name} ---\n${printableLines(text)}\n\n`];
  });
  const rows = traced.modules.map((module) => [printable(module.path), module.status, printable(module.reason)]);
  const table = renderTable(
    [{ heading: "MODULE", maxWidth: 80 }, { heading: "STATUS" }, { heading: "WHY", maxWidth: 100 }],
    rows,
  );
  return `${sections.join("")}--- Modules ---\n${table}`;
}

function jsonOf(traced: Traced): unknown {
  return {
    useful: traced.useful,
    fields: Object.fromEntries(traced.fields),
    threads: traced.threads,
    modules: traced.modules,
    manifest: traced.manifest,
    remarks: fidelityRemarks(traced.modules),
  };
}
