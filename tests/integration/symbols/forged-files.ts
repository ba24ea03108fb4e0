import { Readable } from "node:stream";
import type { SymbolStore } from "../../../src/symbols/store/symbol-store.ts";
import type { StoredFile } from "../../../src/symbols/store/types.ts";
import { elfImage } from "../../lab/elf-builder.ts";

/** A build-id for a number. */
export function buildIdOf(number: number): string {
  return `${(number % 256).toString(16).padStart(2, "0")}${number.toString(16).padStart(38, "0")}`;
}

/** An ELF file with that build-id, this long. */
export function forgedFile(number: number, sizeBytes: number): Buffer {
  const image = elfImage({ bits: 64, byteOrder: "little" }, { machine: 62, buildId: buildIdOf(number) });
  return Buffer.concat([image, Buffer.alloc(sizeBytes - image.length, number)]);
}

export async function addForged(store: SymbolStore, number: number, sizeBytes: number): Promise<StoredFile> {
  const origin = { source: "test", package: null };
  // In pieces, so that there is something to be in the middle of.
  const whole = forgedFile(number, sizeBytes);
  const pieces = Array.from({ length: Math.ceil(sizeBytes / 4096) }, (_, index) =>
    whole.subarray(index * 4096, (index + 1) * 4096),
  );
  const added = await store.add("executable", buildIdOf(number), Readable.from(pieces), origin);
  if (!added.ok) throw new Error(added.refusal.message);
  return added.file;
}
