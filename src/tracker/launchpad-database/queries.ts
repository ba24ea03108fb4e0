import { z } from "zod";
import type { PlacedTask } from "../launchpad/summary.ts";
import type { Target } from "../launchpad/target.ts";
import type { CrashId } from "../types.ts";
import type { ReadOnlyTransaction } from "./connection.ts";
import { seriesStatus, taskStatus } from "./words.ts";

// Ids go as one array: a temporary table could not be made in a read-only transaction, nor on a standby, and would need
// a right of its own. bigint, because an id that is stored need not be one of Launchpad's.

/** A transaction, and the schema of Launchpad's tables in it. */
export type Tables = { readonly transaction: ReadOnlyTransaction; readonly schema: string };

/** A bug as the database has it: its tasks that count for the target. */
export type StoredBug = { readonly isDuplicate: boolean; readonly tasks: PlacedTask[] };

const idRow = z.tuple([z.int()]);

/** The number of a distribution or project; null when there is none of this name. */
export async function targetId({ transaction, schema }: Tables, { kind, name }: Target): Promise<number | null> {
  const table = kind === "distribution" ? "distribution" : "product";
  const text = `SELECT id FROM ${schema}.${table} WHERE name = $1`;
  return (await transaction.rows(text, [name], idRow))[0]?.[0] ?? null;
}

const bugRow = z.tuple([z.int(), z.boolean(), z.int().nullable(), z.string().nullable()]);

/** The bugs with these ids, with their tasks on the target; those that are not there are missing. */
export async function bugsOf(
  { transaction, schema }: Tables,
  ids: readonly CrashId[],
  { kind }: Target,
  target: number,
): Promise<ReadonlyMap<CrashId, StoredBug>> {
  const isOnTarget =
    kind === "distribution"
      ? "task.distribution = $2"
      : `(task.product = $2 OR task.productseries IN (SELECT id FROM ${schema}.productseries WHERE product = $2))`;
  const text = `
    SELECT bug.id, bug.duplicateof IS NOT NULL, task.status, package.name
    FROM unnest($1::bigint[]) AS stored (id)
    JOIN ${schema}.bug AS bug ON bug.id = stored.id
    LEFT JOIN ${schema}.bugtask AS task ON task.bug = bug.id AND ${isOnTarget}
    LEFT JOIN ${schema}.sourcepackagename AS package ON package.id = task.sourcepackagename`;
  const bugs = new Map<CrashId, StoredBug>();
  for (const [id, isDuplicate, status, sourcePackage] of await transaction.rows(text, [ids, target], bugRow)) {
    const bug = bugs.get(id) ?? { isDuplicate, tasks: [] };
    bugs.set(id, bug);
    if (status === null) continue;
    const place = sourcePackage === null ? { kind: "itself" as const } : { kind: "package" as const, sourcePackage };
    bug.tasks.push({ status: taskStatus(status), place });
  }
  return bugs;
}

const seriesRow = z.tuple([z.int(), z.int()]);

/** The series of a distribution, the newest first, as the web service lists them. */
export async function seriesOf(
  { transaction, schema }: Tables,
  distribution: number,
): Promise<readonly { readonly id: number; readonly status: string }[]> {
  const text = `SELECT id, releasestatus FROM ${schema}.distroseries WHERE distribution = $1 ORDER BY id DESC`;
  const rows = await transaction.rows(text, [distribution], seriesRow);
  return rows.map(([id, status]) => ({ id, status: seriesStatus(status) }));
}

/** The number of a distribution's primary archive (purpose 1): what is in a PPA is not what people get. */
export async function primaryArchive({ transaction, schema }: Tables, distribution: number): Promise<number | null> {
  const text = `SELECT id FROM ${schema}.archive WHERE distribution = $1 AND purpose = 1 ORDER BY id LIMIT 1`;
  return (await transaction.rows(text, [distribution], idRow))[0]?.[0] ?? null;
}

const versionRow = z.tuple([z.string(), z.string()]);

/** The latest version that is published (2) outside -proposed (30) of each of these source packages. */
export async function versionsIn(
  { transaction, schema }: Tables,
  place: { readonly series: number; readonly archive: number },
  sourcePackages: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const text = `
    SELECT DISTINCT ON (package.name) package.name, release.version::text
    FROM unnest($1::text[]) AS wanted (name)
    JOIN ${schema}.sourcepackagename AS package ON package.name = wanted.name
    JOIN ${schema}.sourcepackagepublishinghistory AS publication ON publication.sourcepackagename = package.id
      AND publication.distroseries = $2 AND publication.archive = $3
      AND publication.status = 2 AND publication.pocket <> 30
    JOIN ${schema}.sourcepackagerelease AS release ON release.id = publication.sourcepackagerelease
    ORDER BY package.name, publication.id DESC`;
  return new Map(await transaction.rows(text, [sourcePackages, place.series, place.archive], versionRow));
}
