import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { messageOf, ServiceFailure } from "../../system/failure.ts";
import type { CrashId } from "../../tracker/types.ts";
import { editSchema } from "../edit-schema.ts";

const planSchema = z.strictObject({
  format: z.literal(1),
  crash: z.int().positive(),
  /** ISO 8601, UTC. */
  plannedAt: z.iso.datetime(),
  edits: z.array(editSchema),
});

/** What a dry run would have done to one crash. */
export type StoredPlan = Omit<z.output<typeof planSchema>, "format">;

/** Stores a plan in place of the crash's last one. It holds the traces of private crashes: ours alone to read. */
export function storePlan(folder: string, plan: StoredPlan): void {
  const path = pathOf(folder, plan.crash);
  const aside = `${path}.${process.pid}.new`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(aside, `${JSON.stringify({ format: 1, ...plan }, null, 1)}\n`, { mode: 0o600 });
    renameSync(aside, path);
  } catch (cause) {
    throw new ServiceFailure(`the plan of crash ${plan.crash} cannot be stored: ${messageOf(cause)}`, {
      cause,
      remedy: `Make room on its disk and let this user write into ${folder}.`,
    });
  }
}

/** The stored plan of a crash, null when there is none. @throws ServiceFailure when it cannot be read. */
export function readPlan(folder: string, crash: CrashId): StoredPlan | null {
  const path = pathOf(folder, crash);
  try {
    const { format: _, ...plan } = planSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    return plan;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new ServiceFailure(`the stored plan ${path} cannot be read: ${messageOf(cause)}`, {
      cause,
      remedy: "Delete it; the next dry run makes a new one if the crash is still pending.",
    });
  }
}

/** The crashes that have a stored plan, lowest id first. */
export function plannedCrashes(folder: string): readonly CrashId[] {
  const ids = namesIn(folder).flatMap((name) => /^([1-9]\d{0,14})\.json$/.exec(name)?.[1] ?? []);
  return ids.map(Number).sort((left, right) => left - right);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new ServiceFailure(`the stored plans in ${folder} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function pathOf(folder: string, crash: CrashId): string {
  return join(folder, `${crash}.json`);
}
