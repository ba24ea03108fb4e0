import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { databaseNames } from "./types.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const sizeBytes = z.int().nonnegative();

const manifestSchema = z.object({
  format: z.literal(1),
  /** When the copying began (ISO 8601, UTC): the databases are from this moment, or from a little later. */
  takenAt: z.iso.datetime(),
  crashDigger: z.string(),
  databases: z
    .array(
      z.object({
        name: z.enum(databaseNames),
        /** In the backup's folder; our own name, never a path. */
        file: z.string().regex(/^[a-z]+\.db\.zst$/),
        /** Where it was taken from. */
        path: z.string(),
        sizeBytes,
        sha256,
        packedBytes: sizeBytes,
        packedSha256: sha256,
      }),
    )
    .min(1),
});

/** What a backup says of itself, in `manifest.json`. */
export type Manifest = z.output<typeof manifestSchema>;
export type PackedDatabase = Manifest["databases"][number];

export const manifestName = "manifest.json";

/** The manifest of a backup, or why there is none. */
export async function readManifest(folder: string): Promise<Manifest | string> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(folder, manifestName), "utf8")));
  } catch (error) {
    return `its ${manifestName} cannot be read: ${(error as Error).message.split("\n", 1)[0]}`;
  }
}
