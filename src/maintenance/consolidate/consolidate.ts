import type { Duplicates } from "../../duplicates/duplicates.ts";
import type { Consolidated, StoredCrash } from "../../duplicates/types.ts";
import type { Clock } from "../../system/clock.ts";
import { ServiceFailure } from "../../system/failure.ts";
import type { Log } from "../../system/log.ts";
import type { CrashId } from "../../tracker/types.ts";
import { changesBetween, packagesToAsk, postponedAmong } from "./changes.ts";
import type { KeptAnswers } from "./kept-answers.ts";
import { whyImplausible } from "./plausible.ts";
import { sinceWhen, withOverlap } from "./since.ts";
import type { Answers, Change, Consolidation, Heard, StatusSource } from "./types.ts";

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
 * carried out in one, together with the note until when everything is known. When a source is not asked about everything
 * in one run, the note is left to the run that hears the last of it.
 *
 * @throws ServiceFailure when the answer cannot be believed; nothing is changed then, and what was heard is forgotten.
 *   TransientFailure when the source is away; the next run goes on from there.
 */
export async function consolidate(options: ConsolidateOptions, services: ConsolidateServices): Promise<Consolidation> {
  const { duplicates, source, openAnswers, clock } = services;
  const last = await duplicates.consolidated();
  const since = options.full ? null : sinceWhen(last, source.identity, clock.now());
  using answers = openAnswers(source.identity, since);
  try {
    return await consolidateSince(since, last, answers, options, services);
  } catch (error) {
    // Whatever was wrong with what was heard (a search that broke off, an account that sees too little), a person mends it
    // and begins anew.
    if (error instanceof ServiceFailure) answers.remove();
    throw error;
  }
}

async function consolidateSince(
  since: Date | null,
  last: Consolidated | null,
  answers: KeptAnswers,
  { dryRun, maxLosses }: ConsolidateOptions,
  { duplicates, source, log }: ConsolidateServices,
): Promise<Consolidation> {
  const heardAt = answers.begunAt;
  const stored = await storedCrashes(duplicates);
  log.event("consolidation begins", {
    source: source.identity,
    since: since?.toISOString() ?? "ever",
    stored: stored.size,
  });
  const heard = await ask(source, stored, since, answers);
  const versions = await versionsHeard(source, stored, heard, answers);
  const { asHeard = [], byOthers = [] } = Object.groupBy(changesBetween(stored, heard.statuses, versions), ({ id }) =>
    changedAfter(stored.get(id), heardAt) ? "byOthers" : "asHeard",
  );
  const postponed = postponedAmong(stored, heard.statuses, versions);
  const why = whyImplausible(asHeard, stored.size, maxLosses);
  const found = {
    source: source.identity,
    since,
    heardAt,
    stored: stored.size,
    changes: [...asHeard, ...byOthers].sort((one, other) => one.id - other.id),
    hidden: hiddenAmong(stored, heard),
    postponed,
  };
  const leftAlone = byOthers.map(({ id }) => id);
  if (dryRun) return { ...found, changedMeanwhile: leftAlone, refusal: why };
  if (why !== null) throw implausible(why, asHeard);
  const isWhole = postponed.length === 0;
  const fullAt = heard.isFull || last === null ? heardAt : last.fullAt;
  const note = isWhole ? { source: source.identity, heardAt, fullAt } : null;
  const further = await duplicates.consolidate(asHeard, note);
  if (isWhole) answers.remove();
  return { ...found, changedMeanwhile: [...leftAlone, ...further], refusal: null };
}

// What was heard by an earlier run may be hours old. Whoever has changed a crash since then has asked the tracker later.
function changedAfter(crash: StoredCrash | undefined, moment: Date): boolean {
  // As SQLite writes CURRENT_TIMESTAMP: UTC, in whole seconds.
  const text = moment.toISOString().slice(0, 19).replace("T", " ");
  return crash?.lastChange != null && crash.lastChange > text;
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
  const { isResumed, begunAt } = answers;
  const recent = new Set([...stored.values()].filter((crash) => changedAfter(crash, begunAt)).map(({ id }) => id));
  const heard = await source.statuses({ stored: versions, recent, since }, answers);
  if (!isResumed) return heard;
  // A bug that was reopened since must not be removed on the word of yesterday.
  const later = await source.statuses({ stored: versions, recent: new Set(), since: withOverlap(begunAt) }, notKept);
  return { statuses: new Map([...heard.statuses, ...later.statuses]), isFull: heard.isFull };
}

const notKept: Answers = { recall: () => undefined, note: () => {} };

async function versionsHeard(
  source: StatusSource,
  stored: ReadonlyMap<CrashId, StoredCrash>,
  { statuses }: Heard,
  answers: KeptAnswers,
): Promise<ReadonlyMap<string, string | null>> {
  const packages = packagesToAsk(stored, statuses);
  return packages.length === 0 ? new Map() : await source.versionsOf(packages, answers);
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
