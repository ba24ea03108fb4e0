import { Transform } from "node:stream";

const blockBytes = 512;
// Extended headers (GNU long names, pax records) are kept in memory whole by every tar reader.
const maxExtendedBytes = 1024 * 1024;
const extendedTypes = "LKxg";

/**
 * Lets a tar stream through unless a header announces more than a reader should keep in memory; then it
 * ends with an error. A header says its size before its content comes, so one hostile block would do.
 */
export function tarGuard(): Transform {
  let header: Buffer = Buffer.alloc(0);
  let skipBytes = 0;
  const look = (piece: Buffer): Error | null => {
    let offset = 0;
    while (offset < piece.length) {
      const skipped = Math.min(skipBytes, piece.length - offset);
      skipBytes -= skipped;
      offset += skipped;
      const part = piece.subarray(offset, offset + blockBytes - header.length);
      offset += part.length;
      header = Buffer.concat([header, part]);
      if (header.length < blockBytes) continue;
      const sizeBytes = contentSize(header);
      if (sizeBytes === null) return new Error("a tar header has no sensible size");
      if (sizeBytes > maxExtendedBytes && extendedTypes.includes(typeOf(header))) {
        return new Error("a tar header is larger than 1 MiB");
      }
      skipBytes = Math.ceil(sizeBytes / blockBytes) * blockBytes;
      header = Buffer.alloc(0);
    }
    return null;
  };
  return new Transform({
    transform(piece: Buffer, _encoding, done): void {
      const fault = look(piece);
      if (fault === null) done(null, piece);
      else done(fault);
    },
  });
}

function typeOf(header: Buffer): string {
  return String.fromCharCode(header[156] ?? 0);
}

// 12 bytes: octal digits, or, when the first bit is set, a big-endian number (GNU, for 8 GiB and more).
function contentSize(header: Buffer): number | null {
  const field = header.subarray(124, 136);
  if ((field[0] ?? 0) & 0x80) {
    const size = field.subarray(4).readBigUInt64BE();
    return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : null;
  }
  const digits = field
    .toString("latin1")
    .replace(/[\0 ]+$/, "")
    .trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || "0", 8) : null;
}
