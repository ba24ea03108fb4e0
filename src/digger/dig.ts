import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Spooled, spoolCore } from "../retrace/spool-core.ts";
import type { CrashToRetrace, RetraceResult, Traced } from "../retrace/types.ts";
import { TransientFailure } from "../system/failure.ts";
import { tagsThatWantTrace } from "../tracker/marks.ts";
import type { CrashHeader, CrashId } from "../tracker/types.ts";
import { type Awaited, awaitedBy } from "./awaited.ts";
import { knownByAddress } from "./known-by-address.ts";
import { foundBefore } from "./lost-plan.ts";
import type { DiggerServices, WorkItem } from "./services.ts";
import type { Verdict } from "./verdict.ts";

/** What is known of a crash before it is compared with the others. */
export type Findings =
  | { readonly kind: "decided"; readonly header: CrashHeader | null; readonly verdict: Verdict }
  /** Its core gave no trace, which is the verdict unless an older crash turns out to have its addresses. */
  | { readonly kind: "untraced"; readonly header: CrashHeader; readonly verdict: Verdict }
  | {
      readonly kind: "to-compare";
      readonly header: CrashHeader;
      readonly traced: Traced | null;
      readonly awaited: Awaited | null;
      /** A batch whose plan is lost has brought its trace to the tracker, and has removed its core. */
      readonly isTracedBefore?: true;
    };

/**
 * Finds out all that can be found out about one crash without looking at the others of the batch; changes
 * nothing. The cheap checks come first: a known address signature needs neither core nor archive.
 *
 * @param onDebugging is called when core and files are at hand and gdb begins to read them.
 */
export async function dig(
  item: WorkItem,
  services: DiggerServices,
  signal: AbortSignal,
  onDebugging: () => void = () => {},
): Promise<Findings> {
  const answer = await services.tracker.header(item.id);
  if (answer.kind === "absent") return { kind: "decided", header: null, verdict: { kind: "gone" } };
  const { header } = answer;
  if (item.mark.kind === "duplicate-check") return { kind: "to-compare", header, traced: null, awaited: null };
  const refused = await refusal(header, item, services);
  if (refused !== null) return { kind: "decided", header, verdict: refused };
  if (item.mark.kind === "retrace" && !header.hasCore) return await withoutCore(header, services);
  const known = await knownByAddress(header, services);
  if (known !== null && !(await wantsTrace(known.master, services))) return { kind: "decided", header, verdict: known };
  const result = await retraceCore(header, services, signal, onDebugging);
  if (result.kind !== "traced") return { kind: "untraced", header, verdict: verdictOf(result) };
  return { kind: "to-compare", header, traced: result, awaited: await awaitedBy(result, services, signal) };
}

async function refusal(header: CrashHeader, item: WorkItem, services: DiggerServices): Promise<Verdict | null> {
  if (item.mark.kind !== "retrace") return null;
  const { fields } = header;
  const release = fields.get("DistroRelease") ?? null;
  // What is wrong with the report of a foreign release is for the retracer to say whose release it is.
  const reason = await services.whyNotOurs(release, item.mark.architecture);
  if (reason !== null) return { kind: release === null ? "no-release" : "not-ours", reason };
  // As Apport answers them: the dump of a kernel (vmcore) is no core of a program, and gdb alone does not read it.
  return fields.get("ProblemType") === "KernelCrash" ? invalid("retracing kernel crashes is not implemented") : null;
}

async function withoutCore(header: CrashHeader, services: DiggerServices): Promise<Findings> {
  const found = await foundBefore(header, services);
  if (found?.kind === "traced")
    return { kind: "to-compare", header, traced: null, awaited: null, isTracedBefore: true };
  return { kind: "decided", header, verdict: found ?? invalid("the report has no core dump (CoreDump)") };
}

// A person asked for a better trace of the master, or its own retrace failed: then this core is looked into although
// it is known what crashed, as today's retracer does with every core.
async function wantsTrace(master: CrashId, { tracker }: DiggerServices): Promise<boolean> {
  const tags = await tracker.tagsOf(master);
  return tagsThatWantTrace.some((tag) => tags.includes(tag));
}

async function retraceCore(
  header: CrashHeader,
  services: DiggerServices,
  signal: AbortSignal,
  onDebugging: () => void,
): Promise<RetraceResult> {
  await using work = await services.makeWorkFolder();
  const corePath = join(work.path, "core");
  await using warm = await services.warmDebugger(work.path, signal);
  const spooled = await fetchCore(header.id, corePath, services, signal);
  if (spooled.kind !== "spooled") return spooled;
  const report = await reportOf(header, services);
  return await services.retrace({ ...report, corePath, workFolder: work.path, warm, onDebugging }, signal);
}

// Names of packages are read when a file is looked for that is not in the store.
async function reportOf(
  header: CrashHeader,
  { tracker }: DiggerServices,
): Promise<Pick<CrashToRetrace, "fields" | "laterFields">> {
  const { laterFields } = tracker;
  if (laterFields === undefined) return { fields: header.fields };
  if (!needsItsMaps(header)) return { fields: header.fields, laterFields: () => laterFields(header.id) };
  return { fields: new Map([...header.fields, ...(await laterFields(header.id))]) };
}

// The signature by addresses is made of the reporter's own mappings, where its machine has not made one.
function needsItsMaps({ fields, attachments }: CrashHeader): boolean {
  return !fields.has("StacktraceAddressSignature") && attachments.some(({ name }) => name === "ProcMaps.txt");
}

type Fetched = Spooled | { readonly kind: "report"; readonly reason: string };

// A connection that breaks off after some gigabytes says nothing about the tracker's next answer. The stream cannot
// be taken up where it ended: it is begun again, as often as anything is asked again.
async function fetchCore(id: CrashId, path: string, services: DiggerServices, signal: AbortSignal): Promise<Fetched> {
  const { tracker, maxCoreBytes, policy, pause, log } = services;
  for (const pauseMs of [...policy.trackerPausesMs, null]) {
    const stream = await tracker.openCore(id);
    if (stream === null) break;
    try {
      return await spoolCore(stream, path, maxCoreBytes, signal);
    } catch (error) {
      if (!(error instanceof TransientFailure) || pauseMs === null) throw error;
      await rm(path, { force: true });
      log.event("the core broke off on its way; begun again after a pause", {
        crash: id,
        pauseMs,
        reason: error.message,
      });
      await pause(pauseMs, signal);
    }
  }
  return { kind: "report", reason: "the core dump has vanished from the tracker" };
}

function verdictOf(result: Exclude<RetraceResult, Traced>): Verdict {
  switch (result.kind) {
    case "damaged":
      return invalid(result.reason);
    case "report":
      return { kind: "failed", reason: result.reason };
    case "retry":
      return { kind: "postponed", reason: result.reason };
  }
}

function invalid(reason: string): Verdict {
  return { kind: "invalid", reason };
}
