import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { binaryFields, isFieldName } from "./field-names.ts";
import { type BinarySource, gzipEntry } from "./gzip-entry.ts";
import { formatTextEntry } from "./text-entry.ts";

/** What is to be written. A `Report` that was read fits as it is. */
export type ReportContents = {
  readonly fields: ReadonlyMap<string, string>;
  readonly binaries: ReadonlyMap<string, BinarySource>;
};

/** What the format cannot express; nothing was written. */
export type WriteFault = {
  readonly kind: "empty" | "bad-key" | "bad-text" | "repeated-key" | "wrong-form";
  readonly field: string | null;
  /** One sentence: what is wrong. */
  readonly message: string;
};

export type WriteResult = { readonly ok: true } | { readonly ok: false; readonly fault: WriteFault };

/**
 * Writes a problem report that Apport reads, in Apport's order: ProblemType, the other text fields by
 * name, the binary fields by name. The file appears whole or not at all, with mode 0600; one that was
 * there is replaced.
 *
 * @returns the fault when the contents cannot be expressed unchanged.
 * @throws the error of the file system or of a binary field's source; the signal's reason when aborted.
 */
export async function writeReport(path: string, contents: ReportContents, signal?: AbortSignal): Promise<WriteResult> {
  const fault = faultIn(contents);
  if (fault !== null) return { ok: false, fault };
  const aside = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}`);
  const handle = await open(aside, "wx", 0o600);
  try {
    await writeAll(handle, contents, signal);
    await rename(aside, path);
  } catch (error) {
    await unlink(aside);
    signal?.throwIfAborted();
    throw error;
  }
  await syncFolder(dirname(path));
  return { ok: true };
}

/** The bytes of a report, piece by piece, for contents in which `faultIn` found nothing. */
async function* reportBytes({ fields, binaries }: ReportContents, signal?: AbortSignal): AsyncGenerator<Buffer> {
  for (const key of [...fields.keys()].sort(problemTypeFirst)) yield textEntry(key, fields.get(key) ?? "");
  for (const key of [...binaries.keys()].sort()) {
    const source = binaries.get(key);
    if (source !== undefined) yield* gzipEntry(key, source, signal);
  }
}

async function writeAll(handle: FileHandle, contents: ReportContents, signal: AbortSignal | undefined): Promise<void> {
  try {
    await handle.writeFile(reportBytes(contents, signal), signal === undefined ? {} : { signal });
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function problemTypeFirst(left: string, right: string): number {
  if (left === "ProblemType") return -1;
  if (right === "ProblemType") return 1;
  return left < right ? -1 : 1;
}

function textEntry(key: string, value: string): Buffer {
  const entry = formatTextEntry(key, value);
  if (entry === null) throw new Error(`field ${key} was not checked before writing`);
  return entry;
}

function faultIn({ fields, binaries }: ReportContents): WriteFault | null {
  if (fields.size + binaries.size === 0) return fault("empty", null, "a report has at least one field");
  for (const key of [...fields.keys(), ...binaries.keys()]) {
    if (!isFieldName(key)) return fault("bad-key", key, "the key is not a field name");
  }
  for (const [key, value] of fields) {
    if (binaryFields.has(key)) return fault("wrong-form", key, "the field has to be binary");
    if (binaries.has(key)) return fault("repeated-key", key, "the field is there as text and as binary");
    if (formatTextEntry(key, value) === null) return fault("bad-text", key, "the text holds a NUL or half a character");
  }
  return null;
}

function fault(kind: WriteFault["kind"], field: string | null, message: string): WriteFault {
  return { kind, field, message };
}
