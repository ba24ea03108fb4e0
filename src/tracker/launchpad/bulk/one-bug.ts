import { z } from "zod";
import type { CrashId } from "../../types.ts";
import { taskSchema } from "../entries.ts";
import { type Summary, summaryOf } from "../status.ts";
import { type Asking, remembered } from "./asking.ts";

/** How a bug stands; `absent` when it is gone, or private and not for us: Launchpad answers alike. */
export type BugSummary = Summary | { readonly kind: "absent" };

const bugSchema = z.object({ duplicate_of_link: z.string().nullable() });

const keptSummary: z.ZodType<BugSummary> = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["open", "invalid", "absent"]) }),
  z.object({ kind: z.literal("fixed"), version: z.string() }),
  z.object({ kind: z.literal("fixed-in"), sourcePackage: z.string() }),
]);

/** Looks at one bug: one request, or two where it is no duplicate. */
export async function lookAtBug(id: CrashId, asking: Asking): Promise<BugSummary> {
  return await remembered(`bug ${id}`, keptSummary, () => summaryOfBug(id, asking), asking);
}

async function summaryOfBug(id: CrashId, { client, target }: Asking): Promise<BugSummary> {
  const url = client.url("1.0", `bugs/${id}`);
  const bug = await client.get(url, bugSchema);
  if (bug === null) return { kind: "absent" };
  if (bug.duplicate_of_link !== null) return { kind: "invalid" };
  const tasks = await client.list(`${url}/bug_tasks`, taskSchema);
  return tasks === null ? { kind: "absent" } : summaryOf(tasks, target);
}
