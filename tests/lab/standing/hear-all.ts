import { changesBetween } from "../../../src/maintenance/consolidate/changes.ts";
import type { Answers, HeardStatus, StatusSource } from "../../../src/maintenance/consolidate/types.ts";
import type { CrashId } from "../../../src/tracker/types.ts";
import type { StandingBug } from "./standing-bugs.ts";

/** Answers that are forgotten with the test. */
export function answersInMemory(): Answers {
  const kept = new Map<string, unknown>();
  return {
    recall: (key) => kept.get(key),
    note: (key, answer) => void kept.set(key, JSON.parse(JSON.stringify(answer))),
  };
}

/** Everything that a source says, the versions of fixed packages included. */
export async function hearAll(
  source: Pick<StatusSource, "statuses" | "versionsOf">,
  bugs: readonly StandingBug[],
): Promise<ReadonlyMap<CrashId, HeardStatus>> {
  const answers = answersInMemory();
  const stored = new Map(bugs.map(({ id, storedVersion }) => [id, storedVersion]));
  const { statuses } = await source.statuses({ stored, recent: new Set(), since: null }, answers);
  const packages = [...statuses.values()].flatMap((status) =>
    status.kind === "fixed-in" ? [status.sourcePackage] : [],
  );
  const versions = await source.versionsOf([...new Set(packages)], answers);
  return new Map([...statuses].map(([id, status]) => [id, withVersion(status, versions)]));
}

function withVersion(status: HeardStatus, versions: ReadonlyMap<string, string | null>): HeardStatus {
  if (status.kind !== "fixed-in") return status;
  const [change] = changesBetween(
    new Map([[1, { signature: "", fixedVersion: null }]]),
    new Map([[1, status]]),
    versions,
  );
  return change?.becomes.kind === "fixed" ? change.becomes : { kind: "invalid" };
}

/** What a source has to say of bugs. */
export function sayings(bugs: readonly StandingBug[]): ReadonlyMap<CrashId, HeardStatus> {
  return new Map(bugs.map(({ id, says }) => [id, says]));
}
