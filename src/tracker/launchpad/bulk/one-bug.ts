import { z } from "zod";
import type { CrashId } from "../../types.ts";
import { taskSchema } from "../entries.ts";
import { type Summary, summaryOf, summarySchema } from "../summary.ts";
import { type Asking, rememberedOrLeft, type unasked } from "./asking.ts";

/** How a bug stands; `absent` when it is gone, or private and not for us: Launchpad answers alike. */
export type BugSummary = Summary | { readonly kind: "absent" };

const bugSchema = z.object({ duplicate_of_link: z.string().nullable() });

const keptSummary: z.ZodType<BugSummary> = z.union([summarySchema, z.object({ kind: z.literal("absent") })]);

/** Looks at one bug: one request, or two where it is no duplicate. */
export async function lookAtBug(id: CrashId, asking: Asking): Promise<BugSummary | typeof unasked> {
  return await rememberedOrLeft(`bug ${id}`, keptSummary, () => summaryOfBug(id, asking), asking);
}

/** Looks at the tasks of a bug that is known to be no duplicate: one request. */
export async function lookAtTasks(id: CrashId, asking: Asking): Promise<BugSummary | typeof unasked> {
  return await rememberedOrLeft(`tasks of bug ${id}`, keptSummary, () => summaryOfTasks(id, asking), asking);
}

async function summaryOfBug(id: CrashId, asking: Asking): Promise<BugSummary> {
  const bug = await asking.client.get(asking.client.url("1.0", `bugs/${id}`), bugSchema);
  if (bug === null) return { kind: "absent" };
  return bug.duplicate_of_link === null ? await summaryOfTasks(id, asking) : { kind: "invalid" };
}

async function summaryOfTasks(id: CrashId, { client, target }: Asking): Promise<BugSummary> {
  const tasks = await client.list(client.url("1.0", `bugs/${id}/bug_tasks`), taskSchema);
  return tasks === null ? { kind: "absent" } : summaryOf(tasks, target);
}
