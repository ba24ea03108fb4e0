import { ServiceFailure } from "../../system/failure.ts";
import { currentSeries } from "../launchpad/published-version.ts";
import { type Summary, summaryOfPlaced } from "../launchpad/summary.ts";
import type { Target } from "../launchpad/target.ts";
import type { CrashId } from "../types.ts";
import { beginReadOnly, type DatabaseSettings } from "./connection.ts";
import { bugsOf, primaryArchive, seriesOf, type Tables, targetId, versionsIn } from "./queries.ts";

export type DatabaseStatusesSettings = {
  readonly database: DatabaseSettings;
  readonly target: Target;
  /** The number of the archive whose versions count; null for the distribution's primary one. */
  readonly archive: number | null;
  readonly signal: AbortSignal;
};

type BulkStatus = Summary | { readonly kind: "absent" };
type Heard = { readonly statuses: ReadonlyMap<CrashId, BulkStatus>; readonly isFull: boolean };

/** A source of statuses for consolidation; closed, it ends its transaction. */
export type DatabaseStatuses = AsyncDisposable & {
  readonly identity: string;
  statuses(question: { readonly stored: ReadonlyMap<CrashId, unknown> }): Promise<Heard>;
  versionsOf(sourcePackages: readonly string[]): Promise<ReadonlyMap<string, string | null>>;
};

/**
 * How the bugs of a target stand, out of Launchpad's own database, private ones too. Every bug is asked about each time:
 * a hundred thousand are a second's work. Everything is seen as it was in one moment.
 */
export function databaseStatuses({ database, target, archive, signal }: DatabaseStatusesSettings): DatabaseStatuses {
  const opened = new AsyncDisposableStack();
  let begun: Promise<Tables> | null = null;
  const tables = (): Promise<Tables> => {
    begun ??= begin(database, signal, opened);
    return begun;
  };
  return {
    identity: `launchpad-database ${database.host}:${database.port}/${database.database} ${target.kind} ${target.name}`,
    statuses: async ({ stored }) => ({
      statuses: await statusesOf(await tables(), [...stored.keys()], target),
      isFull: true,
    }),
    versionsOf: async (sourcePackages) => {
      const published = await publishedVersions(await tables(), target, archive, sourcePackages);
      return new Map(sourcePackages.map((name) => [name, published.get(name) ?? null]));
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function begin(database: DatabaseSettings, signal: AbortSignal, opened: AsyncDisposableStack): Promise<Tables> {
  const transaction = opened.use(await beginReadOnly(database, signal));
  // The configuration allows plain names only.
  return { transaction, schema: `"${database.schema}"` };
}

async function statusesOf(
  tables: Tables,
  ids: readonly CrashId[],
  target: Target,
): Promise<ReadonlyMap<CrashId, BulkStatus>> {
  const bugs = await bugsOf(tables, ids, target, await requiredTarget(tables, target));
  return new Map(
    ids.map((id): [CrashId, BulkStatus] => {
      const bug = bugs.get(id);
      if (bug === undefined) return [id, { kind: "absent" }];
      return [id, bug.isDuplicate ? { kind: "invalid" } : summaryOfPlaced(bug.tasks, target.kind)];
    }),
  );
}

async function publishedVersions(
  tables: Tables,
  target: Target,
  archive: number | null,
  sourcePackages: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const distribution = await requiredTarget(tables, target);
  const series = currentSeries(await seriesOf(tables, distribution));
  if (series === null) return new Map();
  const where = archive ?? (await primaryArchive(tables, distribution));
  if (where === null) {
    throw new ServiceFailure(`Launchpad's database has no primary archive of ${target.name}`, {
      remedy: "Name its number: tracker.database.archive.",
    });
  }
  return await versionsIn(tables, { series: series.id, archive: where }, sourcePackages);
}

async function requiredTarget(tables: Tables, target: Target): Promise<number> {
  const id = await targetId(tables, target);
  if (id !== null) return id;
  throw new ServiceFailure(`Launchpad's database has no ${target.kind} ${target.name}`, {
    remedy: `Set tracker.${target.kind} to its name, and see whether tracker.database is the right one.`,
  });
}
