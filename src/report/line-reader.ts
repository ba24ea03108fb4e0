import { GrowingBuffer } from "./growing-buffer.ts";
import { Malformed } from "./malformed.ts";

const lineFeed = 0x0a;

/**
 * The lines of a stream of bytes, without their line feed, each of at most a given length. A line is to be used
 * before `fill` is called: it lies where the next chunk, or the next line that is in two of them, goes.
 */
export class LineReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #maxLineBytes: number;
  readonly #begun = new GrowingBuffer();
  #chunk: Buffer = Buffer.alloc(0);
  #offset = 0;
  #number = 0;
  #putBack: Buffer | undefined;
  #current: Buffer | undefined;

  constructor(chunks: AsyncIterable<Buffer>, maxLineBytes: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#maxLineBytes = maxLineBytes;
  }

  /** Number of the line taken last, from 1. */
  get number(): number {
    return this.#number;
  }

  /** The next line if it is in memory; without a promise, because a report may have millions of lines. */
  take(): Buffer | undefined {
    const line = this.#putBack ?? this.#nextInChunk();
    this.#putBack = undefined;
    if (line === undefined) return undefined;
    this.#number += 1;
    this.#current = line;
    return line;
  }

  /** Gives the line taken last back, to be taken again. */
  putBack(): void {
    this.#putBack = this.#current;
    this.#number -= 1;
  }

  /** Whether a line was given back and not taken again. */
  get isPutBack(): boolean {
    return this.#putBack !== undefined;
  }

  /** Reads on when `take` had nothing; false at the end of the stream. */
  async fill(): Promise<boolean> {
    this.#begin(this.#chunk.subarray(this.#offset));
    const next = await this.#chunks.next();
    this.#offset = 0;
    if (next.done !== true) {
      this.#chunk = next.value;
      return true;
    }
    // The last line may lack its line feed.
    const last = this.#begun.length > 0;
    this.#chunk = last ? Buffer.from([lineFeed]) : Buffer.alloc(0);
    return last;
  }

  /** Ends the stream below, whatever of it is left. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #nextInChunk(): Buffer | undefined {
    const end = this.#chunk.indexOf(lineFeed, this.#offset);
    if (end === -1) return undefined;
    const piece = this.#chunk.subarray(this.#offset, end);
    this.#offset = end + 1;
    if (this.#begun.length === 0) {
      this.#check(piece.length);
      return piece;
    }
    this.#begin(piece);
    return this.#begun.lend();
  }

  #begin(piece: Buffer): void {
    this.#check(this.#begun.length + piece.length);
    this.#begun.append(piece);
  }

  #check(lengthBytes: number): void {
    if (lengthBytes <= this.#maxLineBytes) return;
    throw new Malformed("too-large", `the line is longer than ${this.#maxLineBytes} bytes`, { line: this.#number + 1 });
  }
}
