import type { DuplicateAnswer } from "../duplicates/types.ts";
import { signatureOf } from "../trace/signature-of.ts";
import { titleFor } from "../trace/title-for.ts";
import type { CrashHeader } from "../tracker/types.ts";
import type { Findings } from "./dig.ts";
import { knownByAddress } from "./known-by-address.ts";
import { packageVersionOf } from "./package-version.ts";
import { type PlannedEdit, planFor, planForMerge } from "./plan.ts";
import type { DiggerServices, WorkItem } from "./services.ts";
import type { SetAside } from "./state/set-aside.ts";
import type { Verdict } from "./verdict.ts";
import { afterFailure, afterTrace } from "./what-next.ts";

export type Conclusion = {
  readonly verdict: Verdict;
  readonly plan: readonly PlannedEdit[];
  /** Whether and why the crash is set aside from now on. */
  readonly aside: SetAside | null;
  readonly contradictions: readonly string[];
};

/** Compares a crash with the known ones and plans what the tracker has to be told. */
export async function conclude(item: WorkItem, findings: Findings, services: DiggerServices): Promise<Conclusion> {
  const now = services.clock.now();
  if (findings.kind !== "to-compare") {
    const before = await services.state.asideOf(item.id);
    const { verdict, aside } = afterFailure(item, await decisionOn(findings, services), before, services.policy, now);
    const { header } = findings;
    const facts = { mark: item.mark, verdict, traced: null, title: null, isTracedBefore: false, staysPending: false };
    return {
      verdict,
      plan: header === null ? [] : planFor({ header, ...facts }, services.planPolicy),
      aside,
      contradictions: [],
    };
  }
  const { header, traced, isTracedBefore = false } = findings;
  const fields = new Map([...header.fields, ...(traced?.fields ?? [])]);
  const { verdict, merges, contradictions } = await compare(header, fields, services);
  const aside = afterTrace(item, verdict, findings.awaited, services.policy, now);
  const title = titleFor(fields);
  const facts = { mark: item.mark, verdict, traced, isTracedBefore, title, staysPending: aside !== null };
  const plan = [
    ...merges.flatMap((merge) => planForMerge(merge, services.planPolicy)),
    ...planFor({ header, ...facts }, services.planPolicy),
  ];
  return { verdict, plan, aside, contradictions };
}

type Uncompared = Exclude<Findings, { kind: "to-compare" }>;

// The core was looked into beside the crashes before this one; by now all of these are in the duplicate database.
async function decisionOn(findings: Uncompared, services: DiggerServices): Promise<Verdict> {
  if (findings.kind === "decided") return findings.verdict;
  return (await knownByAddress(findings.header, services)) ?? findings.verdict;
}

async function compare(
  header: CrashHeader,
  fields: ReadonlyMap<string, string>,
  services: DiggerServices,
): Promise<DuplicateAnswer> {
  const question = {
    id: header.id,
    signature: signatureOf(fields, services.resolveLink),
    addressSignature: fields.get("StacktraceAddressSignature") ?? null,
    packageVersion: packageVersionOf(fields),
  };
  return await services.duplicates.check(question, (ids) => services.tracker.statusOf(ids));
}
