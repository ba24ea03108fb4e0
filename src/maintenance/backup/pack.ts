import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";

/** A file's size and content. */
export type Measured = { readonly sizeBytes: number; readonly sha256: string };

/** Compresses a file (zstd, with a checksum) in constant memory; what it wrote is on the disk when it returns. */
export async function pack(from: string, to: string): Promise<{ readonly plain: Measured; readonly packed: Measured }> {
  const [plain, packed] = [meter(), meter()];
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  await intoNewFile(to, (file) =>
    pipeline(createReadStream(from), plain.stream, compress, packed.stream, (pieces) => file.writeFile(pieces)),
  );
  return { plain: plain.measured(), packed: packed.measured() };
}

/** Decompresses a file in constant memory. More than `maxBytes` is an error: the file is not what it should be. */
export async function unpack(
  from: string,
  to: string,
  maxBytes: number,
): Promise<{ readonly plain: Measured; readonly packed: Measured }> {
  const [plain, packed] = [meter(maxBytes), meter()];
  await intoNewFile(to, (file) =>
    pipeline(createReadStream(from), packed.stream, createZstdDecompress(), plain.stream, (pieces) =>
      file.writeFile(pieces),
    ),
  );
  return { plain: plain.measured(), packed: packed.measured() };
}

/** Copies a file in constant memory; it is on the disk when it returns. */
export async function copySynced(from: string, to: string): Promise<Measured> {
  const copied = meter();
  await intoNewFile(to, (file) => pipeline(createReadStream(from), copied.stream, (pieces) => file.writeFile(pieces)));
  return copied.measured();
}

// Backups hold what crash reports say: nobody but the service reads them.
async function intoNewFile(path: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await fill(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

function meter(maxBytes = Number.MAX_SAFE_INTEGER): { readonly stream: Transform; measured(): Measured } {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const stream = new Transform({
    transform(piece: Buffer, _encoding, done) {
      sizeBytes += piece.length;
      if (sizeBytes > maxBytes) return done(new Error(`it holds more than ${maxBytes} bytes`));
      hash.update(piece);
      done(null, piece);
    },
  });
  return { stream, measured: () => ({ sizeBytes, sha256: hash.digest("hex") }) };
}
