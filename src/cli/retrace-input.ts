import { constants } from "node:fs";
import { chmod, copyFile, open, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import { readReport } from "../report/read-report.ts";
import type { SpooledField } from "../report/types.ts";
import { spoolCore } from "../retrace/spool-core.ts";
import type { CrashToRetrace } from "../retrace/types.ts";
import { messageOf } from "../system/failure.ts";
import { openTracker } from "../wiring/open.ts";
import { isCrashId } from "./crash-id.ts";
import { CliError } from "./exit.ts";
import { printable } from "./printable.ts";

/** Files and values that stand in for what the report has. */
export type Substitutes = {
  readonly coreFile?: string;
  readonly executable?: string;
  readonly procmaps?: string;
};

/** A crash to retrace, and the other binary fields of its report file. */
export type RetraceInput = { readonly crash: CrashToRetrace; readonly binaries: ReadonlyMap<string, SpooledField> };

/** Reads a report file, or a crash of the tracker, its core into the work folder. Throws CliError with the reason. */
export async function readInput(
  report: string,
  config: Config,
  workFolder: string,
  substitutes: Substitutes,
): Promise<RetraceInput> {
  const read = isCrashId(report) ? fromTracker(Number(report), config) : fromFile(report, config, workFolder);
  const { fields, binaries, putCore } = await read;
  const corePath = join(workFolder, "core");
  if (substitutes.coreFile === undefined) await putCore(corePath);
  else await copyCore(substitutes.coreFile, corePath);
  // In the jail gdb runs as another user; the folder around the file is closed to everybody else.
  await chmod(corePath, 0o644);
  const substituted = new Map([...fields, ...(await substituteFields(substitutes))]);
  return { crash: { fields: substituted, corePath, workFolder }, binaries };
}

type Source = {
  readonly fields: ReadonlyMap<string, string>;
  readonly binaries: ReadonlyMap<string, SpooledField>;
  readonly putCore: (path: string) => Promise<void>;
};

async function fromFile(path: string, config: Config, spoolFolder: string): Promise<Source> {
  const limits = { binaryBytes: config.batch.max_core_bytes };
  const result = await readReport(path, { spoolFolder, binaries: "spool", limits });
  if (!result.ok) {
    const { field, line, message } = result.fault;
    const where = field === null ? `line ${line}` : `line ${line}, field ${printable(field)}`;
    throw new CliError(`${path}: not a report that can be read: ${where}: ${printable(message)}`);
  }
  const { fields, binaries } = result.report;
  const core = binaries.get("CoreDump");
  const putCore = async (corePath: string): Promise<void> => {
    if (core === undefined) throw new CliError(`${path}: the report has no core dump (CoreDump): nothing to retrace`);
    await rename(core.path, corePath);
  };
  return { fields, binaries: new Map([...binaries].filter(([name]) => name !== "CoreDump")), putCore };
}

async function fromTracker(id: number, config: Config): Promise<Source> {
  await using tracker = await openTracker(config);
  const answer = await tracker.header(id);
  if (answer.kind === "absent") throw new CliError(`crash ${id}: the tracker has no such crash`);
  const putCore = async (corePath: string): Promise<void> => await coreOf(id, config, corePath);
  const later = (await tracker.laterFields?.(id)) ?? [];
  return { fields: new Map([...answer.header.fields, ...later]), binaries: new Map(), putCore };
}

async function coreOf(id: number, config: Config, corePath: string): Promise<void> {
  await using tracker = await openTracker(config);
  const stream = await tracker.openCore(id);
  if (stream === null) throw new CliError(`crash ${id}: it has no core dump (any more): nothing to retrace`);
  const spooled = await spoolCore(stream, corePath, config.batch.max_core_bytes, new AbortController().signal);
  if (spooled.kind === "damaged") throw new CliError(`crash ${id}: ${printable(spooled.reason)}`);
}

async function copyCore(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  } catch (cause) {
    throw new CliError(`${from}: the core cannot be read: ${messageOf(cause)}`);
  }
}

async function substituteFields({ executable, procmaps }: Substitutes): Promise<[string, string][]> {
  const fields: [string, string][] = [];
  if (executable !== undefined) fields.push(["ExecutablePath", executable]);
  if (procmaps !== undefined) fields.push(["ProcMaps", await readMaps(procmaps)]);
  return fields;
}

// The kernel allows a process 65,530 mappings, a line of a hundred characters each.
const maxMapsBytes = 16 * 1024 * 1024;

async function readMaps(path: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxMapsBytes + 1), 0);
    if (bytesRead > maxMapsBytes) throw new Error("it is larger than 16 MiB");
    return buffer.toString("utf8", 0, bytesRead).trimEnd();
  } catch (cause) {
    throw new CliError(`${path}: the maps cannot be read: ${messageOf(cause)}`);
  }
}
