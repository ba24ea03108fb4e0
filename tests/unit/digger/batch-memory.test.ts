import { expect, test } from "vitest";
import { memoryCeiling } from "../../../src/digger/batch-memory.ts";

/** A ceiling of 100 bytes, and what is resident each time that it is asked. */
function ceilingOver(...resident: readonly number[]) {
  const values = resident.values();
  return memoryCeiling({ residentBytes: () => values.next().value ?? 0, peakBytes: () => 1000, maxBytes: 100 });
}

test("the first crash is begun whatever is resident: a ceiling that is too low makes batches short, not idle", () => {
  const ceiling = ceilingOver(500, 500);
  expect(ceiling.reached()).toBeNull();
  expect(ceiling.reached()).toBe("500 bytes are resident, more than batch.max_memory_bytes (100)");
});

test("what is resident counts and not the peak, and once reached it stays so", () => {
  const ceiling = ceilingOver(10, 100, 101, 10);
  expect([ceiling.reached(), ceiling.reached()]).toEqual([null, null]);
  const reason = ceiling.reached();
  expect(reason).toContain("101 bytes");
  expect(ceiling.reached()).toBe(reason);
});
