import type { Config } from "../config/schema.ts";
import { openSymbolCache, type SymbolCache } from "../symbols/cache/symbol-cache.ts";
import { systemClock } from "../system/clock.ts";

/** The cache of symbols and packages, with the limits of the configuration. */
export function openCache(config: Config): Promise<SymbolCache> {
  return openSymbolCache({
    folder: config.cache_dir,
    maxBytes: config.symbols.max_bytes,
    negativeTtlMs: config.symbols.negative_ttl_s * 1000,
    clock: systemClock,
  });
}
