import { relative } from "node:path";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { type CacheStatus, cacheStatus } from "../symbols/cache/cache-status.ts";
import type { Pruned } from "../symbols/cache/prune.ts";
import { type Verified, verify } from "../symbols/cache/verify.ts";
import { silentLog } from "../system/log.ts";
import { sizeText } from "../system/size-text.ts";
import { openCache } from "../wiring/cache.ts";
import { exitCode } from "./exit.ts";
import { printable } from "./printable.ts";
import { renderTable } from "./table.ts";
import { asService } from "./tell-people.ts";

export type CacheFlags = { readonly config?: string; readonly json?: true };

/** Prints how full the cache is. */
export async function showCacheStatus(flags: CacheFlags): Promise<void> {
  await using cache = await openCache(loadConfig(flags.config));
  const status = await cacheStatus(cache);
  print(flags, status, statusText(status));
}

type PruneFlags = CacheFlags & { readonly maxBytes?: number };

/** Enforces a size limit and prints what was removed; resolves with the exit code. */
export async function pruneCache(flags: PruneFlags): Promise<number> {
  const config = loadConfig(flags.config);
  const prune = async (): Promise<number> => {
    await pruneTo(config, flags);
    return exitCode.ok;
  };
  return await asService("cache prune", config, prune, flags.json ? { log: silentLog } : {});
}

async function pruneTo(config: Config, flags: PruneFlags): Promise<void> {
  await using cache = await openCache(config);
  const maxBytes = flags.maxBytes ?? config.symbols.max_bytes;
  const pruned = await cache.prune(maxBytes);
  const removed = pruned.removed.map(({ name, sizeBytes }) => ({ name, bytes: sizeBytes }));
  print(flags, { ...pruned, removed, maxBytes }, pruneText(pruned, maxBytes));
}

/** Reads every file of the cache; resolves with the exit code. */
export async function verifyCache(flags: CacheFlags): Promise<number> {
  await using cache = await openCache(loadConfig(flags.config));
  const verified = await verify(cache.folder);
  print(flags, verified, verifyText(verified, cache.folder));
  return verified.damaged.length === 0 ? exitCode.ok : exitCode.failed;
}

function print(flags: CacheFlags, value: unknown, text: string): void {
  process.stdout.write(flags.json ? `${JSON.stringify(value)}\n` : text);
}

function statusText(status: CacheStatus): string {
  const table = renderTable(
    [{ heading: "KIND" }, { heading: "FILES", align: "right" }, { heading: "SIZE", align: "right" }],
    status.kinds.map(({ kind, files, bytes }) => [kind, String(files), sizeText(bytes)]),
  );
  const lines = [
    `Cache     ${printable(status.folder)}`,
    `Size      ${sizeText(status.bytes)} of ${sizeText(status.maxBytes)} (symbols.max_bytes)`,
    `Oldest    ${status.oldestUse === null ? "nothing is kept" : `last used ${status.oldestUse.toISOString()}`}`,
    `In use    by ${status.holds} retraces; ${status.unfinished} unfinished files`,
    `Missing   ${status.absences.fresh} files that archives are known to lack, ${status.absences.expired} to ask again`,
  ];
  return `${lines.join("\n")}\n\n${table}`;
}

function pruneText({ removed, bytesBefore, bytesAfter, swept }: Pruned, maxBytes: number): string {
  const lines = [
    ...removed.map(({ name, sizeBytes }) => `${printable(name)}  ${sizeText(sizeBytes)}`),
    `${removed.length} removed, ${swept} leftovers of killed processes swept; ` +
      `${sizeText(bytesBefore)} before, ${sizeText(bytesAfter)} now`,
    ...(bytesAfter > maxBytes ? ["The rest is in use by retraces under way."] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function verifyText({ files, bytes, damaged }: Verified, folder: string): string {
  const lines = damaged.map(({ path, reason }) => `${printable(relative(folder, path))}: ${reason}; removed`);
  return `${[...lines, `${files} files read (${sizeText(bytes)}), ${damaged.length} damaged`].join("\n")}\n`;
}
