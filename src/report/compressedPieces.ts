import { decodeBase64Line } from "./base64Line.ts";
import { isContinuation } from "./keyLine.ts";
import type { LineReader } from "./lineReader.ts";
import { Malformed } from "./malformed.ts";

const pieceBytes = 128 * 1024;

/**
 * The decoded lines of a binary field, up to the line that begins the next entry. Short lines are
 * put together: a hostile report may have a billion of them, and each piece costs a turn of the decompressor.
 */
export async function* compressedPieces(lines: LineReader): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const line of continuationLines(lines)) {
    const bytes = decodeBase64Line(line.subarray(1));
    if (bytes === null) throw new Malformed("bad-base64", "the line is not base64", { line: lines.number });
    pieces.push(bytes);
    sizeBytes += bytes.length;
    if (sizeBytes < pieceBytes && pieces.length < pieceBytes / 16) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    sizeBytes = 0;
  }
  if (sizeBytes > 0) yield Buffer.concat(pieces);
}

/** The indented lines from here on, each with its leading blank. */
export async function* continuationLines(lines: LineReader): AsyncGenerator<Buffer> {
  for (;;) {
    const line = lines.take();
    if (line === undefined) {
      if (!(await lines.fill())) return;
    } else if (isContinuation(line)) {
      yield line;
    } else {
      lines.putBack();
      return;
    }
  }
}
