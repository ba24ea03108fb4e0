import { z } from "zod";

const text = z.string().max(4096);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits are wanted");
const buildId = z.string().regex(/^(?:[0-9a-f]{2}){2,64}$/, "a build-id is wanted");
const milliseconds = z.number().nonnegative();

const file = z.object({
  kind: z.enum(["executable", "debug", "dwz"]),
  /** The file's own; a dwz file has another than its module. */
  buildId,
  /** Who had it: `host`, `archive`, … */
  source: text,
  /** `package=version`; null where it came from no package. */
  package: text.nullable(),
  sha256,
});

/**
 * What a result was made of, so that it can be made again: attached to a crash as `Manifest.json`. Anybody may
 * attach a file of that name, so it is read with bounds.
 */
export const manifestSchema = z.object({
  /** Raised when the meaning of an entry changes. */
  format: z.literal(1),
  /** Version of crash-digger. */
  crashDigger: text,
  /** First line of gdb's `show version`. */
  gdb: text,
  /** gdb's settings and commands, in their order. */
  gdbCommands: z.array(text).max(200),
  architecture: text,
  release: text.nullable(),
  /** Whose gdb read the core: `unpacked` (this machine's), or `chroot VERSION`. Manifests of old do not say. */
  environment: text.default("unpacked"),
  modules: z
    .array(z.object({ path: text, buildId: text.nullable(), status: text, files: z.array(file).max(3) }))
    .max(100_000),
  /** Source packages that lines were taken from; manifests of old have none. */
  sources: z
    .array(z.object({ package: text, files: z.array(z.object({ name: text, sha256 })).max(500) }))
    .max(100)
    .default([]),
  symbolsMs: milliseconds,
  debuggerMs: milliseconds,
  /** The most memory that gdb used; null when it did not come to say. */
  gdbPeakBytes: z.int().nonnegative().nullable(),
  /** Of what came out: sha256 of each field's text and of the frames. */
  result: z.object({ fields: z.record(text, sha256), threads: sha256 }),
});

export type Manifest = Readonly<z.output<typeof manifestSchema>>;
export type ManifestFile = Readonly<z.output<typeof file>>;
