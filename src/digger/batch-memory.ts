import type { MemoryGauge } from "../system/memory.ts";

/** The batch's own process, and how much of it may be resident: then the batch ends early, and the next one goes on. */
export type BatchMemory = MemoryGauge & { readonly maxBytes: number };

/**
 * Asked before each crash is begun: why no further one may be, or null. What is resident now counts and not the peak,
 * which one large report may have made and given back. Once said it stays so: the batch is ending.
 *
 * The first crash is begun whatever is resident, so that a ceiling that is too low makes batches short and not idle.
 */
export function memoryCeiling({ residentBytes, maxBytes }: BatchMemory): { reached(): string | null } {
  let isFirst = true;
  let reason: string | null = null;
  return {
    reached() {
      const bytes = residentBytes();
      if (!isFirst && bytes > maxBytes)
        reason ??= `${bytes} bytes are resident, more than batch.max_memory_bytes (${maxBytes})`;
      isFirst = false;
      return reason;
    },
  };
}
