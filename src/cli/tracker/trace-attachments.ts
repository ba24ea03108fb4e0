import { z } from "zod";
import type { ModuleFidelity } from "../../symbols/types.ts";
import type { Frame, FrameSource, ThreadTrace } from "../../trace/types.ts";

/** What is shown of a frame. */
export type ShownFrame = Pick<Frame, "index" | "module" | "function" | "file" | "line" | "inlined" | "arguments"> & {
  readonly source?: FrameSource | undefined;
};
export type ShownThread = Pick<ThreadTrace, "tid" | "crashed" | "truncated"> & {
  readonly frames: readonly ShownFrame[];
};
export type ShownModule = Pick<ModuleFidelity, "path" | "buildId" | "status" | "reason">;

// Only what is shown is asked for: a trace written by a later version stays readable.
const sourceSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("lines"),
    package: z.string(),
    path: z.string(),
    firstLine: z.int(),
    lines: z.array(z.string()),
  }),
  z.object({ kind: z.literal("none"), reason: z.string() }),
]);
const frameSchema = z.object({
  index: z.number(),
  module: z.string().nullable(),
  function: z.string().nullable(),
  file: z.string().nullable(),
  line: z.number().nullable(),
  inlined: z.boolean(),
  arguments: z.array(z.object({ name: z.string(), value: z.string() })),
  source: sourceSchema.optional(),
});
const traceSchema = z.array(
  z.object({ tid: z.number(), crashed: z.boolean(), truncated: z.boolean(), frames: z.array(frameSchema) }),
);
const fidelitySchema = z.array(
  z.object({
    path: z.string(),
    buildId: z.string().nullable(),
    status: z.enum(["matched", "no-debug-symbols", "wrong-version", "not-packaged", "gone", "no-file", "no-build-id"]),
    reason: z.string(),
  }),
);

/** The threads of the attachment `Trace.json`; null when there is none that we can read. */
export function threadsFrom(attachments: ReadonlyMap<string, string>): readonly ShownThread[] | null {
  return parsed(traceSchema, attachments.get("Trace.json"));
}

/** The rows of the attachment `Fidelity.json`; null when there is none that we can read. */
export function modulesFrom(attachments: ReadonlyMap<string, string>): readonly ShownModule[] | null {
  return parsed(fidelitySchema, attachments.get("Fidelity.json"));
}

function parsed<Schema extends z.ZodType>(schema: Schema, text: string | undefined): z.output<Schema> | null {
  if (text === undefined) return null;
  const result = schema.safeParse(json(text));
  return result.success ? result.data : null;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Anybody may attach a file of that name; the plain Stacktrace is shown instead.
    return undefined;
  }
}
