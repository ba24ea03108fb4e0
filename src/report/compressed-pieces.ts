import { decodeBase64Line } from "./base64-line.ts";
import { isContinuation } from "./key-line.ts";
import type { LineReader } from "./line-reader.ts";
import { Malformed } from "./malformed.ts";

const pieceBytes = 128 * 1024;
const maxWaiting = 4096;

/**
 * The decoded lines of a binary field, up to the line that begins the next entry. Short lines are
 * put together: a hostile report may have a billion of them, and each piece costs a turn of the decompressor.
 */
export async function* compressedPieces(lines: LineReader): AsyncGenerator<Buffer> {
  do {
    yield* joined(decodedLines(lines));
  } while (await hasMoreContinuations(lines));
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

function* decodedLines(lines: LineReader): Generator<Buffer> {
  for (const line of continuations(lines)) {
    const bytes = decodeBase64Line(line.subarray(1));
    if (bytes === null) throw new Malformed("bad-base64", "the line is not base64", { line: lines.number });
    if (bytes.length > 0) yield bytes;
  }
}

function* joined(pieces: Iterable<Buffer>): Generator<Buffer> {
  let waiting: Buffer[] = [];
  let sizeBytes = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    sizeBytes += piece.length;
    if (sizeBytes < pieceBytes && waiting.length < maxWaiting) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    sizeBytes = 0;
  }
  if (sizeBytes > 0) yield Buffer.concat(waiting);
}
