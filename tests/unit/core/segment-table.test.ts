import { expect, test } from "vitest";
import { SegmentTable } from "../../../src/core/segment-table.ts";

function tableOf(...ranges: readonly (readonly [address: bigint, memoryBytes: bigint])[]): SegmentTable {
  const table = new SegmentTable(ranges.length);
  for (const [address, memoryBytes] of ranges) table.add({ address, memoryBytes, offset: 7, fileBytes: 8, flags: 5 });
  return table;
}

test("an address belongs to the segment that holds it, whatever order they came in", () => {
  const table = tableOf([0x3000n, 0x1000n], [0x1000n, 0x1000n], [0x2000n, 0x800n]);
  expect([0x1000n, 0x1fffn, 0x2000n, 0x3fffn].map((address) => table.holding(address)?.address)).toEqual([
    0x1000n,
    0x1000n,
    0x2000n,
    0x3000n,
  ]);
  expect(table.at(0)).toEqual({ address: 0x1000n, memoryBytes: 0x1000n, offset: 7, fileBytes: 8, flags: 5 });
});

test("an address before, between or behind segments belongs to none", () => {
  const table = tableOf([0x1000n, 0x1000n], [0x3000n, 0x1000n]);
  expect([0n, 0xfffn, 0x2000n, 0x2fffn, 0x4000n, 2n ** 64n - 1n].map((address) => table.holding(address))).toEqual(
    Array(6).fill(null),
  );
  expect(tableOf().holding(0n)).toBeNull();
});

test("a segment at the very end of memory does not wrap", () => {
  expect(tableOf([2n ** 64n - 4096n, 2n ** 64n - 1n]).holding(2n ** 64n - 1n)?.address).toBe(2n ** 64n - 4096n);
});
