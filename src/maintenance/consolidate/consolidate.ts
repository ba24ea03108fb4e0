import type { Duplicates } from "../../duplicates/duplicates.ts";
import type { StoredCrash } from "../../duplicates/types.ts";
import type { Clock } from "../../system/clock.ts";
import { ServiceFailure } from "../../system/failure.ts";
import type { Log } from "../../system/log.ts";
import type { CrashId } from "../../tracker/types.ts";
import { changesBetween, packagesToAsk } from "./changes.ts";
import type { KeptAnswers } from "./kept-answers.ts";
import { whyImplausible } from "./plausible.ts";
import { sinceWhen } from "./since.ts";
import type { Change, Consolidation, Heard, StatusSource } from "./types.ts";

export type ConsolidateOptions = {
  /** Asks about every crash, whatever the last run knows. */
  readonly full: boolean;
  /** Changes nothing. */
  readonly dryRun: boolean;
  /** How many crashes may be removed or opened again; null for the usual bounds. */
  readonly maxLosses: number | null;
};

export type ConsolidateServices = {
  readonly duplicates: Duplicates;
  readonly source: StatusSource;
  /** Opens the answers that an interrupted run to the same end has left, or new ones. */
  openAnswers(source: string, since: Date | null): KeptAnswers;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Brings every stored crash to its tracker's status. The source is asked outside of any transaction; what differs is
 * carried out in one, together with the note until when everything is known.
 *
 * @throws ServiceFailure when the answer cannot be believed; nothing is changed then, and what was heard is kept.
 *   TransientFailure when the source is away; the next run goes on from there.
 */
export async function consolidate(
  { full, dryRun, maxLosses }: ConsolidateOptions,
  { duplicates, source, openAnswers, clock, log }: ConsolidateServices,
): Promise<Consolidation> {
  const last = await duplicates.consolidated();
  const since = full ? null : sinceWhen(last, source.identity, clock.now());
  using answers = openAnswers(source.identity, since);
  const heardAt = answers.begunAt;
  const stored = await storedCrashes(duplicates);
  log.event("consolidation begins", {
    source: source.identity,
    since: since?.toISOString() ?? "ever",
    stored: stored.size,
  });
  const heard = await ask(source, stored, since, answers);
  const changes = await changesHeard(source, stored, heard, answers);
  const why = whyImplausible(changes, stored.size, maxLosses);
  const found = {
    source: source.identity,
    since,
    heardAt,
    stored: stored.size,
    changes,
    hidden: hiddenAmong(stored, heard),
  };
  if (dryRun) return { ...found, changedMeanwhile: [], refusal: why };
  if (why !== null) throw implausible(why, changes);
  const fullAt = heard.isFull || last === null ? heardAt : last.fullAt;
  const changedMeanwhile = await duplicates.consolidate(changes, { source: source.identity, heardAt, fullAt });
  answers.remove();
  return { ...found, changedMeanwhile, refusal: null };
}

async function storedCrashes(duplicates: Duplicates): Promise<ReadonlyMap<CrashId, StoredCrash>> {
  const stored = new Map<CrashId, StoredCrash>();
  for await (const crash of duplicates.dump()) stored.set(crash.id, crash);
  return stored;
}

async function ask(
  source: StatusSource,
  stored: ReadonlyMap<CrashId, StoredCrash>,
  since: Date | null,
  answers: KeptAnswers,
): Promise<Heard> {
  if (stored.size === 0) return { statuses: new Map(), isFull: true };
  const versions = new Map([...stored].map(([id, { fixedVersion }]) => [id, fixedVersion]));
  return await source.statuses({ stored: versions, since }, answers);
}

async function changesHeard(
  source: StatusSource,
  stored: ReadonlyMap<CrashId, StoredCrash>,
  { statuses }: Heard,
  answers: KeptAnswers,
): Promise<readonly Change[]> {
  const packages = packagesToAsk(stored, statuses);
  const versions = packages.length === 0 ? new Map() : await source.versionsOf(packages, answers);
  return changesBetween(stored, statuses, versions);
}

function hiddenAmong(stored: ReadonlyMap<CrashId, unknown>, { statuses }: Heard): readonly CrashId[] {
  return [...stored.keys()].filter((id) => statuses.get(id)?.kind === "hidden");
}

function implausible(why: string, changes: readonly Change[]): ServiceFailure {
  const lost = changes.filter(({ becomes }) => becomes.kind !== "fixed").length;
  return new ServiceFailure(`the tracker's answer is not believed: ${why}. Nothing was changed`, {
    remedy:
      'Look at what would change: "crash-digger dupdb consolidate --dry-run". Does tracker.distribution (or .project, ' +
      `.dir, .database) name the right one, and may the account see its bugs? If it is right: --max-losses ${lost}`,
  });
}
