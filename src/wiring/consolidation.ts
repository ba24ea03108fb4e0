import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import type { ConsolidateServices } from "../maintenance/consolidate/consolidate.ts";
import { statusesFromTracker } from "../maintenance/consolidate/from-tracker.ts";
import { openKeptAnswers } from "../maintenance/consolidate/kept-answers.ts";
import type { StatusSource } from "../maintenance/consolidate/types.ts";
import { systemClock } from "../system/clock.ts";
import { ServiceFailure } from "../system/failure.ts";
import { pause } from "../system/pause.ts";
import { BugMemory } from "../tracker/launchpad/bug-memory.ts";
import { launchpadStatuses } from "../tracker/launchpad/bulk/launchpad-statuses.ts";
import { clientOf, targetOf } from "./launchpad.ts";
import { statusesFromDatabase } from "./launchpad-database.ts";
import { openLocal } from "./open.ts";
import type { TrackerSurroundings } from "./opened-tracker.ts";
import { pathsOf } from "./paths.ts";

/** Whom Launchpad's statuses are heard from. */
export type ConsolidationWay = "api" | "database";

type WiredConsolidation = AsyncDisposable & Omit<ConsolidateServices, "duplicates">;

/**
 * What a consolidation works with but the duplicate database. Nothing is asked yet.
 *
 * @param way null for the database where one is configured, else the public web service.
 */
export async function wireConsolidation(
  config: Config,
  given: TrackerSurroundings,
  way: ConsolidationWay | null,
): Promise<WiredConsolidation> {
  await using opened = new AsyncDisposableStack();
  const source = await sourceFor(config, given, way, opened);
  const answers = join(config.cache_dir, "consolidation", "answers.jsonl");
  const everything = opened.move();
  return {
    source,
    openAnswers: (identity, since) => openKeptAnswers(answers, { source: identity, since }, systemClock.now()),
    clock: systemClock,
    log: given.log,
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

async function sourceFor(
  config: Config,
  given: TrackerSurroundings,
  way: ConsolidationWay | null,
  opened: AsyncDisposableStack,
): Promise<StatusSource> {
  const { tracker } = config;
  if (tracker.type === "local") {
    return statusesFromTracker(opened.use(await openLocal(config)), pathsOf(config).tracker);
  }
  const target = targetOf(tracker);
  if (way !== "api" && tracker.database !== undefined) {
    return opened.use(await statusesFromDatabase(tracker.database, target, given.signal));
  }
  if (way === "database") {
    throw new ServiceFailure("no database of Launchpad's is configured", {
      remedy: "Describe it in [tracker.database], as docs/launchpad.md tells.",
    });
  }
  const client = await clientOf(tracker, given);
  // For the series alone.
  const memory = new BugMemory(systemClock);
  return launchpadStatuses({ client, target, memory, pause, ...given }, tracker.api);
}
