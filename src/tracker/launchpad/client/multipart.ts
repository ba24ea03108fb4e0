import { randomUUID } from "node:crypto";

type TextPart = { readonly name: string; readonly value: string };
export type FilePart = {
  readonly name: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
};

type Part = TextPart | FilePart;

type Multipart = {
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly pieces: AsyncIterable<Uint8Array>;
};

const lineEnd = "\r\n";

/**
 * A form with files (RFC 7578) as a stream whose size is known beforehand. The boundary cannot be foreseen: else the
 * content of an attachment could end its part and begin another one, `ws.op` for instance.
 */
export function multipart(parts: readonly Part[]): Multipart {
  const boundary = `crash-digger-${randomUUID()}`;
  const framed = parts.map((part) => ({ part, head: Buffer.from(`--${boundary}${lineEnd}${headOf(part)}`, "utf8") }));
  const tail = Buffer.from(`--${boundary}--${lineEnd}`, "utf8");
  const sizes = framed.map(({ part, head }) => head.length + sizeOf(part) + lineEnd.length);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    sizeBytes: sizes.reduce((sum, size) => sum + size, tail.length),
    pieces: piecesOf(framed, tail),
  };
}

async function* piecesOf(framed: readonly { part: Part; head: Buffer }[], tail: Buffer): AsyncGenerator<Uint8Array> {
  for (const { part, head } of framed) {
    yield head;
    if ("pieces" in part) yield* part.pieces;
    else yield Buffer.from(part.value, "utf8");
    yield Buffer.from(lineEnd);
  }
  yield tail;
}

function headOf(part: Part): string {
  const disposition = `Content-Disposition: form-data; name="${part.name}"`;
  if ("value" in part) return `${disposition}${lineEnd}${lineEnd}`;
  const fileName = part.fileName.replace(/["\\\p{Cc}]/gu, "_");
  return `${disposition}; filename="${fileName}"${lineEnd}Content-Type: application/octet-stream${lineEnd}${lineEnd}`;
}

function sizeOf(part: Part): number {
  return "value" in part ? Buffer.byteLength(part.value, "utf8") : part.sizeBytes;
}
