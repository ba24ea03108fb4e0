import type { DuplicateAnswer } from "../duplicates/types.ts";
import { signatureOf } from "../trace/signature-of.ts";
import { titleFor } from "../trace/title-for.ts";
import type { CrashHeader } from "../tracker/types.ts";
import type { Findings } from "./dig.ts";
import { packageVersionOf } from "./package-version.ts";
import { type PlannedEdit, planFor, planForMerge } from "./plan.ts";
import type { DiggerServices, WorkItem } from "./services.ts";
import type { Verdict } from "./verdict.ts";

export type Conclusion = {
  readonly verdict: Verdict;
  readonly plan: readonly PlannedEdit[];
  readonly contradictions: readonly string[];
};

/** Compares a crash with the known ones and plans what the tracker has to be told. */
export async function conclude(item: WorkItem, findings: Findings, services: DiggerServices): Promise<Conclusion> {
  if (findings.kind === "decided") {
    const { header, verdict } = findings;
    const plan = header === null ? [] : planFor({ header, mark: item.mark, verdict, traced: null, title: null });
    return { verdict, plan, contradictions: [] };
  }
  const { header, traced } = findings;
  const fields = new Map([...header.fields, ...(traced?.fields ?? [])]);
  const answer = await compare(header, fields, services);
  const title = titleFor(fields);
  const plan = planFor({ header, mark: item.mark, verdict: answer.verdict, traced, title });
  return {
    verdict: answer.verdict,
    plan: [...answer.merges.flatMap(planForMerge), ...plan],
    contradictions: answer.contradictions,
  };
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
