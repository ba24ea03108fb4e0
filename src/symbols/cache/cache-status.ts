import { cacheEntries, type EntryKind } from "./entries.ts";
import { unfinished } from "./sweep.ts";
import type { SymbolCache } from "./symbol-cache.ts";

export type KindStatus = { readonly kind: EntryKind; readonly files: number; readonly bytes: number };

export type CacheStatus = {
  readonly folder: string;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly kinds: readonly KindStatus[];
  /** When what goes next was last used; null in an empty cache. */
  readonly oldestUse: Date | null;
  /** Retraces that keep files from being removed at the moment. */
  readonly holds: number;
  /** Files that are being written, or were when a process was killed. */
  readonly unfinished: number;
  /** What archives are known to lack. */
  readonly absences: { readonly fresh: number; readonly expired: number };
};

/**
 * How full the cache is, and with what.
 *
 * @throws ServiceFailure when its database is damaged
 */
export async function cacheStatus(cache: SymbolCache): Promise<CacheStatus> {
  const entries = await cacheEntries(cache.folder);
  const rows = await cache.database.kysely.selectFrom("uses").selectAll().execute();
  const uses = new Map(rows.map((row) => [row.name, row.used_at]));
  const lastUses = entries.map(({ name, changedAt }) => Math.max(uses.get(name) ?? 0, changedAt));
  const oldest = lastUses.reduce((least, use) => Math.min(least, use), Number.POSITIVE_INFINITY);
  const files = entries.flatMap((entry) => entry.files);
  const holds = await cache.database.kysely.selectFrom("holds").select("id").execute();
  return {
    folder: cache.folder,
    bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    maxBytes: cache.maxBytes,
    kinds: (["executable", "debug", "dwz", "index", "package", "source"] as const).map((kind) => {
      const own = files.filter((file) => file.kind === kind);
      return { kind, files: own.length, bytes: own.reduce((sum, file) => sum + file.sizeBytes, 0) };
    }),
    oldestUse: entries.length === 0 ? null : new Date(oldest),
    holds: holds.length,
    unfinished: (await unfinished(cache.folder)).length,
    absences: await cache.absences.count(),
  };
}
