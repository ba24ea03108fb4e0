import type { z } from "zod";
import { TransientFailure } from "../../../system/failure.ts";
import type { Log } from "../../../system/log.ts";
import type { BugMemory } from "../bug-memory.ts";
import type { ReadingClient } from "../client/types.ts";
import type { Target } from "../target.ts";
import type { Budget } from "./budget.ts";

/** Answers that an interrupted run has left, and to which ours are added. */
export type Answers = { recall(key: string): unknown; note(key: string, answer: unknown): void };

export type BulkSettings = {
  readonly client: ReadingClient;
  readonly target: Target;
  readonly memory: BugMemory;
  readonly log: Log;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
};

/** What every question of one run works with. */
export type Asking = BulkSettings & { readonly answers: Answers; readonly budget: Budget };

/** What is said of that which a run has not asked about, because it had made its requests. The next one does. */
export const unasked = { kind: "unasked" } as const;

// Longer in all than the client leaves a host alone that failed several times in a row (decision 23). What lasts longer
// is for the next run.
const pausesMs: readonly number[] = [5_000, 30_000, 90_000];

/**
 * An answer as it was heard before, else by asking; then it is kept.
 *
 * @param schema of what is kept: a file of ours, which may be damaged all the same.
 */
export async function remembered<T>(
  key: string,
  schema: z.ZodType<T>,
  ask: () => Promise<T>,
  asking: Asking,
): Promise<T> {
  const kept = schema.safeParse(asking.answers.recall(key));
  if (kept.success) return kept.data;
  const answer = await patiently(ask, asking);
  asking.answers.note(key, answer);
  return answer;
}

/** The same for a question about one bug or package, which waits for the next run when this one has made its requests. */
export async function rememberedOrLeft<T>(
  key: string,
  schema: z.ZodType<T>,
  ask: () => Promise<T>,
  asking: Asking,
): Promise<T | typeof unasked> {
  const isKept = schema.safeParse(asking.answers.recall(key)).success;
  return isKept || asking.budget.allowsOne() ? await remembered(key, schema, ask, asking) : unasked;
}

async function patiently<T>(ask: () => Promise<T>, { pause, signal, log }: BulkSettings): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      log.event("Launchpad is away for the moment; asked again after a pause", { pauseMs, reason: error.message });
      await pause(pauseMs, signal);
    }
  }
  return await ask();
}
