import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The bytes of an attachment: small ones in memory, larger ones in a file. */
export type StoredFile = { readonly sizeBytes: number; readonly sha256: string } & (
  | { readonly bytes: Buffer }
  | { readonly path: string }
);

const largestInMemoryBytes = 64 * 1024;

/** Keeps bytes that came with a request; larger ones go into the folder under this name. */
export function storeBytes(bytes: Buffer, folder: string, name: string): StoredFile {
  const common = { sizeBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  if (bytes.length <= largestInMemoryBytes) return { ...common, bytes: Buffer.from(bytes) };
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return { ...common, path };
}

/** Refers to a file that is somewhere already; it is never read as a whole. */
export function fileAt(path: string): StoredFile {
  return { path, sizeBytes: statSync(path).size, sha256: sha256OfFile(path) };
}

/** The whole of it, as text. */
export function textOf(file: StoredFile): string {
  return ("path" in file ? readFileSync(file.path) : file.bytes).toString("utf8");
}

function sha256OfFile(path: string): string {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(1024 * 1024);
  const file = openSync(path, "r");
  try {
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      hash.update(piece.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}
