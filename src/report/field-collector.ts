import { binaryFields } from "./field-names.ts";
import { GrowingBuffer } from "./growing-buffer.ts";
import type { KeyLine } from "./key-line.ts";
import type { ReportLimits } from "./limits.ts";
import { Malformed } from "./malformed.ts";
import { decodeText } from "./text-encoding.ts";
import type { ReportRemark } from "./types.ts";

const lineFeed = Buffer.from("\n");

type CollectorLimits = Pick<ReportLimits, "fields" | "fieldBytes" | "textBytes">;

/** The text fields of a report as its lines come in, within their limits. */
export class FieldCollector {
  readonly fields = new Map<string, string>();
  readonly remarks: ReportRemark[] = [];
  readonly #limits: CollectorLimits;
  readonly #seen = new Set<string>();
  readonly #value = new GrowingBuffer();
  #entries = 0;
  #textBytes = 0;
  #key: string | null = null;
  #keyLine = 0;
  #hasLines = false;
  #isOpen = false;

  constructor(limits: CollectorLimits) {
    this.#limits = limits;
  }

  /** The field of the entry begun last, null before the first. */
  get currentField(): string | null {
    return this.#key;
  }

  /** Counts a new entry, text or binary. Of a repeated key the last entry wins. */
  enter(key: string, line: number): void {
    this.finish();
    this.#entries += 1;
    if (this.#entries > this.#limits.fields) {
      throw new Malformed("too-many-fields", `there are more than ${this.#limits.fields} fields`, { line });
    }
    this.#key = key;
    this.#keyLine = line;
    if (this.#seen.has(key)) this.remarks.push({ kind: "repeated-key", field: key, line });
    this.#seen.add(key);
    this.fields.delete(key);
  }

  /** Opens a text field with what stands on the key's own line. */
  begin(entry: KeyLine, line: number): void {
    if (binaryFields.has(entry.key)) {
      throw new Malformed("wrong-form", "the field holds text and has to be binary", { line });
    }
    this.#isOpen = true;
    this.#hasLines = entry.text.length > 0;
    this.#add(entry.text, line);
  }

  /** Adds a continuation line, without its leading blank. */
  continue(bytes: Buffer, line: number): void {
    if (this.#hasLines) this.#append(lineFeed, line);
    this.#hasLines = true;
    this.#add(bytes, line);
  }

  /** A text that came in binary form, decoded. */
  addDecoded(bytes: Buffer, line: number): void {
    this.#isOpen = true;
    this.#add(bytes, line);
    this.finish();
  }

  /** Closes the field that is open; at the end of the file too. */
  finish(): void {
    if (!this.#isOpen || this.#key === null) return;
    this.#isOpen = false;
    const { text, exact } = decodeText(this.#value.take());
    if (!exact) this.remarks.push({ kind: "invalid-utf8", field: this.#key, line: this.#keyLine });
    this.fields.set(this.#key, text);
  }

  #add(bytes: Buffer, line: number): void {
    if (bytes.length === 0) return;
    // Apport writes a value with a NUL as a binary field, so in text it is damage, and the C programs
    // that get such a value further on would see half of it.
    if (bytes.includes(0)) throw new Malformed("bad-text", "the text holds a NUL byte", { line });
    this.#append(bytes, line);
  }

  #append(bytes: Buffer, line: number): void {
    this.#textBytes += bytes.length;
    if (this.#value.length + bytes.length > this.#limits.fieldBytes) {
      throw new Malformed("too-large", `the text is longer than ${this.#limits.fieldBytes} bytes`, { line });
    }
    if (this.#textBytes > this.#limits.textBytes) {
      throw new Malformed("too-large", `the texts together are longer than ${this.#limits.textBytes} bytes`, { line });
    }
    this.#value.append(bytes);
  }
}
