import { writeFile } from "node:fs/promises";
import type { SpooledField } from "../report/types.ts";
import { writeReport } from "../report/write-report.ts";
import { fidelityRemarks } from "../retrace/fidelity.ts";
import type { Traced } from "../retrace/types.ts";
import { messageOf } from "../system/failure.ts";
import { CliError } from "./exit.ts";
import { printable, printableLines } from "./printable.ts";
import type { RetraceInput } from "./retrace-input.ts";
import { renderTable } from "./table.ts";

/** What the written report is to be besides its traces. */
export type WriteOptions = { readonly removeCore?: true; readonly rebuildPackageInfo?: true };

/** Writes the report with its traces; every other field stays as it was. */
export async function writeTraced(path: string, input: RetraceInput, traced: Traced, options: WriteOptions) {
  const { crash, binaries } = input;
  const fields = new Map([...crash.fields, ...traced.fields]);
  const proven = options.rebuildPackageInfo ? provenPackage(fields, traced) : null;
  if (proven !== null) fields.set("Package", proven);
  const core: [string, Pick<SpooledField, "path">][] = options.removeCore
    ? []
    : [["CoreDump", { path: crash.corePath }]];
  const written = await writeReport(path, { fields, binaries: new Map([...binaries, ...core]) });
  if (!written.ok) throw new CliError(`${path}: the report cannot be written: ${printable(written.fault.message)}`);
  process.stdout.write(`${path}: written with its traces\n`);
}

/** Writes what a result was made of, for `replay`. */
export async function writeManifest(path: string, { manifest }: Traced): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(manifest, null, 1)}\n`);
  } catch (cause) {
    throw new CliError(`${path}: the manifest cannot be written: ${messageOf(cause)}`);
  }
}

// Apport asks the machine's own package database, which is right only where the crash happened. We know from which
// package the file with the crash's build-id came. For a script that file is the interpreter, not the program.
function provenPackage(fields: ReadonlyMap<string, string>, { modules }: Traced): string | null {
  if (fields.has("InterpreterPath")) return null;
  const program = modules.find((module) => module.path === fields.get("ExecutablePath"));
  return program?.executable?.package?.replace("=", " ") ?? null;
}

/** The traces and the modules' fidelity for people; fit for a terminal. */
export function textOf(traced: Traced): string {
  const shown = [
    "StacktraceTop",
    "Stacktrace",
    "StacktraceSource",
    "ThreadStacktrace",
    "Registers",
    "Disassembly",
    "AssertionMessage",
  ];
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

/** The same for programs. */
export function jsonOf(traced: Traced): unknown {
  return {
    useful: traced.useful,
    fields: Object.fromEntries(traced.fields),
    threads: traced.threads,
    modules: traced.modules,
    manifest: traced.manifest,
    remarks: fidelityRemarks(traced.modules),
  };
}
