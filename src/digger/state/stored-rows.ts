import { z } from "zod";
import { typedRows } from "../../database/typed-rows.ts";

const text = z.string();
const endedAs = z.enum(["done", "memory", "away", "failed"]);
const bytes = z.int().nonnegative().nullable();

const rows = {
  batches: z.object({
    id: z.int(),
    started_at: text,
    ended_at: text.nullable(),
    outcome: text.nullable(),
    ended_as: endedAs.nullable(),
    peak_bytes: bytes,
    gdb_peak_bytes: bytes,
  }),
  verdicts: z.object({ verdict: text, count: z.int() }),
  ends: z.object({ ended_as: endedAs, count: z.int() }),
  totals: z.object({ verdict: text, count: z.int(), duration_ms: z.number() }),
  outbox: z.object({ id: z.int(), crash_id: z.int().positive(), edit: text }),
  failing: z.object({
    id: z.int(),
    crash_id: z.int().positive(),
    kind: text.nullable(),
    failures: z.int(),
    last_failure: text.nullable(),
  }),
  set_aside: z.object({ crash_id: z.int().positive(), kind: text, since: text, facts: text }),
  outages: z.object({ since: text }),
  queue: z.object({ crashes: z.int(), since: text.nullable() }),
} as const;

type Name = keyof typeof rows;

/**
 * Rows that were read from state.db, as they have to be.
 *
 * @throws ServiceFailure when one is not.
 */
export function storedRows<Of extends Name>(name: Of, found: readonly unknown[]): z.output<(typeof rows)[Of]>[] {
  return typedRows(
    rows[name] as unknown as z.ZodType<z.output<(typeof rows)[Of]>>,
    found,
    `rows of state.db (${name})`,
  );
}
