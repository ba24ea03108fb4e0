import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type ReadOptions, readReport } from "../../../src/report/read-report.ts";
import type { ReportFault, ReportResult } from "../../../src/report/types.ts";

/** A folder that is removed when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "crash-digger-report-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** The lines of a binary field, the bytes of each piece on a line of its own. */
export function binaryEntry(key: string, ...pieces: Uint8Array[]): string {
  return `${key}: base64\n${pieces.map((piece) => ` ${Buffer.from(piece).toString("base64")}\n`).join("")}`;
}

/** Cuts bytes into pieces of a given size. */
export function piecesOf(bytes: Buffer, sizeBytes: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / sizeBytes) }, (_, index) =>
    bytes.subarray(index * sizeBytes, (index + 1) * sizeBytes),
  );
}

export type Outcome = { result: ReportResult; spoolFolder: string };

/** Reads a report with the given contents, out of a file. */
export async function read(contents: string | Buffer, options: Partial<ReadOptions> = {}): Promise<Outcome> {
  const folder = await temporaryFolder();
  const spoolFolder = await temporaryFolder();
  const path = join(folder, "some.crash");
  await writeFile(path, contents);
  return { result: await readReport(path, { spoolFolder, binaries: "spool", ...options }), spoolFolder };
}

/** The text fields of a report that has to be readable. */
export async function fieldsOf(contents: string | Buffer): Promise<Record<string, string>> {
  return Object.fromEntries(accepted((await read(contents)).result).report.fields);
}

/** The decoded bytes of a binary field of a report that has to be readable. */
export async function decoded(contents: string | Buffer, key: string): Promise<Buffer> {
  const field = accepted((await read(contents)).result).report.binaries.get(key);
  if (field === undefined) throw new Error(`no binary field ${key}`);
  return readFile(field.path);
}

/** The fault of a report that must not be readable. */
export async function faultOf(contents: string | Buffer, options: Partial<ReadOptions> = {}): Promise<ReportFault> {
  const { result } = await read(contents, options);
  if (result.ok) throw new Error("the report was accepted");
  return result.fault;
}

/** A result that has to be good. */
export function accepted(result: ReportResult): Extract<ReportResult, { ok: true }> {
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result;
}
