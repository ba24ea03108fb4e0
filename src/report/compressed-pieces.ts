import { decodeBase64Line, decodedLength } from "./base64-line.ts";
import { isContinuation } from "./key-line.ts";
import type { LineReader } from "./line-reader.ts";
import { Malformed } from "./malformed.ts";

const pieceBytes = 128 * 1024;

/**
 * The decoded lines of a binary field, up to the line that begins the next entry. Short lines are
 * put together: a hostile report may have a billion of them, and each piece costs a turn of the decompressor.
 *
 * A piece is to be used before the next one is asked for: all of them lie in the same place. One of its own for
 * each would be a gigabyte of garbage for a core of a gigabyte, of which V8 lets 64 MiB gather before it looks.
 */
export async function* compressedPieces(lines: LineReader): AsyncGenerator<Buffer> {
  const room = new DecodedLines();
  do {
    for (const line of continuations(lines)) {
      const bytes = line.subarray(1);
      if (!room.hasRoomFor(bytes) && !room.isEmpty) yield room.take();
      if (!room.add(bytes)) throw new Malformed("bad-base64", "the line is not base64", { line: lines.number });
    }
  } while (await hasMoreContinuations(lines));
  if (!room.isEmpty) yield room.take();
}

/** Passes over the lines of a binary field without looking at them. */
export async function skipContinuations(lines: LineReader): Promise<void> {
  do {
    for (const _ of continuations(lines));
  } while (await hasMoreContinuations(lines));
}

// Lines in memory are taken without a promise for each: twelve million lines of nothing took 20 seconds.
function* continuations(lines: LineReader): Generator<Buffer> {
  for (let line = lines.take(); line !== undefined; line = lines.take()) {
    if (isContinuation(line)) {
      yield line;
    } else {
      lines.putBack();
      return;
    }
  }
}

/** Whether the field may go on in what is still to be read. */
async function hasMoreContinuations(lines: LineReader): Promise<boolean> {
  return !lines.isPutBack && (await lines.fill());
}

/** Lines of base64, decoded one behind the other into the same bytes again and again. */
class DecodedLines {
  #bytes = Buffer.allocUnsafeSlow(pieceBytes);
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  hasRoomFor(line: Buffer): boolean {
    return this.#length + decodedLength(line) <= this.#bytes.length;
  }

  /** False when the line is not base64. A line that is longer than all the room makes it larger. */
  add(line: Buffer): boolean {
    if (!this.hasRoomFor(line)) this.#bytes = Buffer.allocUnsafeSlow(decodedLength(line));
    const decoded = decodeBase64Line(line, this.#bytes, this.#length);
    if (decoded === null) return false;
    this.#length += decoded;
    return true;
  }

  /** What has gathered; it stays as it is until the next line is added. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }
}
