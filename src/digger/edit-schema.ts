import { z } from "zod";
import { type Edit, importances } from "../tracker/types.ts";

const crashId = z.int().positive();

// Plans that an older program stored mark a duplicate first, and their master's edits go without it.
const plannedMaster = crashId.exactOptional();

const status = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("open") }),
  z.strictObject({ kind: z.literal("fixed"), version: z.string() }),
  z.strictObject({ kind: z.literal("invalid") }),
]);

const mark = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("retrace"), architecture: z.string() }),
  z.strictObject({ kind: z.literal("duplicate-check") }),
]);

/** An edit as it is stored in the outbox: read back by a later, maybe newer, program. */
export const editSchema: z.ZodType<Edit> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("comment"), marker: z.string(), subject: z.string(), body: z.string() }),
  z.strictObject({ kind: z.literal("attach"), name: z.string(), text: z.string() }),
  z.strictObject({ kind: z.literal("remove-attachments"), names: z.array(z.string()) }),
  z.strictObject({ kind: z.literal("remove-core") }),
  z.strictObject({ kind: z.literal("add-tags"), tags: z.array(z.string()) }),
  z.strictObject({ kind: z.literal("remove-tags"), tags: z.array(z.string()) }),
  z.strictObject({ kind: z.literal("set-status"), status }),
  z.strictObject({
    kind: z.literal("set-importance"),
    importance: z.enum(importances),
    ifUndecided: z.literal(true).exactOptional(),
  }),
  z.strictObject({ kind: z.literal("set-title"), title: z.string() }),
  z.strictObject({ kind: z.literal("set-private"), private: z.boolean() }),
  z.strictObject({ kind: z.literal("set-package"), sourcePackage: z.string() }),
  z.strictObject({ kind: z.literal("subscribe"), team: z.string() }),
  z.strictObject({ kind: z.literal("mark-duplicate"), of: crashId }),
  z.strictObject({ kind: z.literal("check-master"), of: crashId }),
  z.strictObject({
    kind: z.literal("give-trace"),
    of: plannedMaster,
    ifTagged: z.array(z.string()),
    attachments: z.array(z.strictObject({ name: z.string(), text: z.string() })),
  }),
  z.strictObject({ kind: z.literal("adopt-tags"), of: plannedMaster, tags: z.array(z.string()) }),
  z.strictObject({
    kind: z.literal("escalate"),
    of: plannedMaster,
    tag: z.string(),
    team: z.string().nullable(),
    from: z.int().positive(),
  }),
  z.strictObject({ kind: z.literal("remove-pending"), mark }),
]);

/** An edit, null when it is none that this program knows. Its own turn will say what is wrong with it. */
export function readableEdit(text: string): Edit | null {
  try {
    return editIn(text);
  } catch {
    return null;
  }
}

/** Reads back an edit. Throws when it is none that this program knows. */
export function editIn(text: string): Edit {
  return editSchema.parse(JSON.parse(text));
}
