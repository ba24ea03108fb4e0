import type { Readable } from "node:stream";
import { compressedPieces, skipContinuations } from "./compressed-pieces.ts";
import { DecodedBudget } from "./decoded-budget.ts";
import { decompress } from "./decompress.ts";
import { FieldCollector } from "./field-collector.ts";
import { textFields } from "./field-names.ts";
import { GrowingBuffer } from "./growing-buffer.ts";
import { isContinuation, parseKeyLine } from "./key-line.ts";
import { defaultReportLimits, type ReportLimits } from "./limits.ts";
import { LineReader } from "./line-reader.ts";
import { faultOf, Malformed } from "./malformed.ts";
import { reportChunks } from "./report-source.ts";
import { Spool } from "./spool.ts";
import type { ReportResult } from "./types.ts";

export type ReadOptions = {
  /** An existing folder of the caller's. The decoded binary fields are put there, and stay the caller's to remove. */
  readonly spoolFolder: string;
  /** Those not given are the defaults. */
  readonly limits?: Partial<ReportLimits>;
  /** `skip` reads the text fields only and names the binary ones; their data is not looked at. */
  readonly binaries: "spool" | "skip";
  readonly signal?: AbortSignal;
};

type Reading = {
  readonly lines: LineReader;
  readonly texts: FieldCollector;
  readonly spool: Spool;
  readonly budget: DecodedBudget;
  readonly skipped: Set<string>;
  readonly limits: ReportLimits;
  readonly skip: boolean;
};

/**
 * Reads a problem report (Apport's `.crash` format) as a stream: text fields into memory, binary fields
 * into files of the spool folder. Memory is bounded by the limits, whatever the report holds.
 *
 * @param source the path of a regular file, or a stream of bytes; the stream is used up or destroyed.
 * @returns the report, or the first fault; after a fault no file of it is left in the spool folder.
 * @throws the signal's reason when aborted, and the error of the spool folder's file system (disk full).
 */
export async function readReport(source: string | Readable, options: ReadOptions): Promise<ReportResult> {
  const reading = startReading(source, options);
  try {
    await readEntries(reading);
    return resultOf(reading);
  } catch (error) {
    await reading.spool.discard();
    if (!(error instanceof Malformed)) throw error;
    return { ok: false, fault: faultOf(error, { field: reading.texts.currentField, line: reading.lines.number }) };
  } finally {
    await reading.lines.close();
  }
}

function startReading(source: string | Readable, options: ReadOptions): Reading {
  const limits = { ...defaultReportLimits, ...options.limits };
  const budget = new DecodedBudget(limits);
  return {
    lines: new LineReader(reportChunks(source, limits.inputBytes, options.signal), limits.lineBytes),
    texts: new FieldCollector(limits),
    spool: new Spool(options.spoolFolder, budget),
    budget,
    skipped: new Set(),
    limits,
    skip: options.binaries === "skip",
  };
}

async function readEntries(reading: Reading): Promise<void> {
  const { lines, texts } = reading;
  for (;;) {
    const line = lines.take();
    if (line === undefined) {
      if (!(await lines.fill())) break;
    } else if (isContinuation(line) && lines.number > 1) {
      texts.continue(line.subarray(1), lines.number);
    } else {
      await beginEntry(reading, line);
    }
  }
  texts.finish();
  if (lines.number === 0) throw new Malformed("empty", "the file is empty");
}

async function beginEntry(reading: Reading, line: Buffer): Promise<void> {
  const { lines, texts, spool, skipped } = reading;
  const entry = parseKeyLine(line, lines.number);
  texts.enter(entry.key, lines.number);
  await spool.remove(entry.key);
  skipped.delete(entry.key);
  if (!entry.isBinary) texts.begin(entry, lines.number);
  else if (textFields.has(entry.key)) await readTextInBinaryForm(reading);
  else if (reading.skip) await skipBinary(reading, entry.key);
  else await spoolBinary(reading, entry.key);
}

async function spoolBinary(reading: Reading, key: string): Promise<void> {
  await decompress(countedPieces(reading), await reading.spool.create());
  await reading.spool.keep(key);
}

async function skipBinary(reading: Reading, key: string): Promise<void> {
  await skipContinuations(reading.lines);
  reading.skipped.add(key);
}

async function readTextInBinaryForm(reading: Reading): Promise<void> {
  const { fieldBytes } = reading.limits;
  const line = reading.lines.number;
  const value = new GrowingBuffer();
  const write = async (piece: Buffer): Promise<void> => {
    if (piece.includes(0))
      throw new Malformed("wrong-form", "the field has to be text and holds binary data", { line });
    if (value.length + piece.length > fieldBytes) {
      throw new Malformed("too-large", `the text is longer than ${fieldBytes} bytes`, { line });
    }
    value.append(piece);
  };
  await decompress(compressedPieces(reading.lines), { write });
  reading.texts.addDecoded(value.take(), line);
}

async function* countedPieces({ lines, budget }: Reading): AsyncGenerator<Buffer> {
  for await (const piece of compressedPieces(lines)) {
    budget.addCompressed(piece.length);
    yield piece;
  }
}

function resultOf({ texts, spool, skipped }: Reading): ReportResult {
  return {
    ok: true,
    report: { fields: texts.fields, binaries: spool.fields },
    skippedBinaries: [...skipped],
    remarks: texts.remarks,
  };
}
