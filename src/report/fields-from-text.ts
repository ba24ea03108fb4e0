import { FieldCollector } from "./field-collector.ts";
import { isContinuation, parseKeyLine } from "./key-line.ts";
import { defaultReportLimits, type ReportLimits } from "./limits.ts";
import { faultOf, Malformed } from "./malformed.ts";
import { encodeText } from "./text-encoding.ts";
import type { FieldsResult } from "./types.ts";

/**
 * Reads the text fields of a text in the format of a problem report, such as the part of a bug's
 * description that holds them. A binary field is a fault (`wrong-form`): it has no place in a text.
 */
export function fieldsFromText(text: string, limits: Partial<ReportLimits> = {}): FieldsResult {
  const collector = new FieldCollector({ ...defaultReportLimits, ...limits });
  let line = 1;
  try {
    for (const bytes of linesOf(text)) {
      collectLine(collector, bytes, line);
      line += 1;
    }
    collector.finish();
    return { ok: true, fields: collector.fields, remarks: collector.remarks };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ok: false, fault: faultOf(error, { field: collector.currentField, line }) };
  }
}

function collectLine(collector: FieldCollector, bytes: Buffer, line: number): void {
  if (isContinuation(bytes) && line > 1) {
    collector.continue(bytes.subarray(1), line);
    return;
  }
  const entry = parseKeyLine(bytes, line);
  collector.enter(entry.key, line);
  if (entry.isBinary) throw new Malformed("wrong-form", "a text cannot hold a binary field", { line });
  collector.begin(entry, line);
}

function* linesOf(text: string): Generator<Buffer> {
  if (text === "") throw new Malformed("empty", "the text is empty", { line: 1 });
  const bytes = encodeText(text);
  if (bytes === null) throw new Malformed("bad-text", "the text holds half a character", { line: 1 });
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf("\n", start);
    const end = found === -1 ? bytes.length : found;
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}
