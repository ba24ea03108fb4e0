import { join } from "node:path";
import { openDuplicates } from "../../../src/duplicates/duplicates.ts";
import { type ConsolidateOptions, consolidate } from "../../../src/maintenance/consolidate/consolidate.ts";
import { openKeptAnswers } from "../../../src/maintenance/consolidate/kept-answers.ts";
import type { Consolidation, StatusSource } from "../../../src/maintenance/consolidate/types.ts";
import { lineLog } from "../../../src/system/log.ts";
import type { LaunchpadLab } from "../launchpad/start-launchpad.ts";
import { startLaunchpad } from "../launchpad/start-launchpad.ts";
import { temporaryFolder } from "../temporary.ts";
import { fillDuplicates } from "./fill-duplicates.ts";
import { launchpadSeed } from "./fill-launchpad.ts";
import { kindsInDistribution } from "./kinds.ts";
import { type StandingBug, type StandingBugs, type StandingOptions, standingBugs } from "./standing-bugs.ts";
import { statusesOnLaunchpad } from "./statuses-on-launchpad.ts";

/** Standing bugs on a loopback Launchpad, and a duplicate database that knows them; to be used with `await using`. */
export type ConsolidationWorld = AsyncDisposable & {
  readonly standing: StandingBugs;
  readonly launchpad: LaunchpadLab;
  readonly duplicatesPath: string;
  readonly log: readonly string[];
  /** One consolidation by searches of the web service unless told, at the time that is set. */
  run(options?: Partial<ConsolidateOptions>, source?: StatusSource, database?: string): Promise<Consolidation>;
  /** Time passes. */
  wait(ms: number): void;
};

/** Makes a world of bugs in a distribution. */
export async function makeConsolidationWorld(options: Partial<StandingOptions> = {}): Promise<ConsolidationWorld> {
  const standing = standingBugs({
    ...{ count: 1000, seed: 1, kinds: kindsInDistribution, packages: 12, outdated: 10 },
    ...options,
  });
  const folder = await temporaryFolder("consolidation");
  const launchpad = await startLaunchpad({ seed: launchpadSeed(standing) });
  const duplicatesPath = join(folder.path, "duplicates.db");
  await fillDuplicates(duplicatesPath, standing.bugs);
  const log: string[] = [];
  let later = 0;
  const now = () => new Date(Date.now() + later);
  const clock = { now, monotonicMs: () => performance.now() + later };
  return {
    standing,
    launchpad,
    duplicatesPath,
    log,
    run: async (wanted = {}, source = statusesOnLaunchpad(launchpad, {}, log), database = duplicatesPath) => {
      const duplicates = await openDuplicates(database);
      try {
        return await consolidate(
          { full: false, dryRun: false, maxLosses: null, ...wanted },
          {
            duplicates,
            source,
            openAnswers: (identity, since) =>
              openKeptAnswers(join(folder.path, "answers"), { source: identity, since }, now()),
            clock,
            log: lineLog((line) => log.push(line), clock, true),
          },
        );
      } finally {
        await duplicates.close();
      }
    },
    wait: (ms) => {
      later += ms;
    },
    [Symbol.asyncDispose]: async () => {
      await launchpad.close();
      await folder.remove();
    },
  };
}

/** The fixed version of each crash in a duplicate database. */
export async function versionsStoredIn(path: string): Promise<ReadonlyMap<number, string | null>> {
  const duplicates = await openDuplicates(path, { integrityCheck: false });
  const stored = new Map<number, string | null>();
  for await (const { id, fixedVersion } of duplicates.dump()) stored.set(id, fixedVersion);
  await duplicates.close();
  return stored;
}

/** The fixed versions that have to be stored after a consolidation; a crash that is not in here was removed. */
export function expectedVersions(bugs: readonly StandingBug[]): ReadonlyMap<number, string | null> {
  const expected = new Map<number, string | null>();
  for (const { id, says, fixedIn, storedVersion } of bugs) {
    if (says.kind === "open") expected.set(id, null);
    else if (fixedIn !== null && storedVersion !== null) expected.set(id, storedVersion);
    else if (says.kind === "fixed") expected.set(id, says.version === "" ? (storedVersion ?? "") : says.version);
  }
  return expected;
}
