import type { z } from "zod";
import { TransientFailure } from "../../../system/failure.ts";
import type { Log } from "../../../system/log.ts";
import type { BugMemory } from "../bug-memory.ts";
import type { LaunchpadClient } from "../client/types.ts";
import type { Target } from "../target.ts";

/** Answers that an interrupted run has left, and to which ours are added. */
export type Answers = { recall(key: string): unknown; note(key: string, answer: unknown): void };

export type BulkSettings = {
  readonly client: LaunchpadClient;
  readonly target: Target;
  readonly memory: BugMemory;
  readonly log: Log;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
};

/** What every question of one run works with. */
export type Asking = BulkSettings & { readonly answers: Answers };

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
