import { expect, test } from "vitest";
import { ownMemory, peakIn } from "../../../src/system/memory.ts";

test("the peak is read from the status of a process as the kernel prints it", () => {
  expect(peakIn("Name:\tnode\nVmPeak:\t 1102336 kB\nVmHWM:\t  131072 kB\nVmRSS:\t   65536 kB\n")).toBe(128 * 2 ** 20);
});

test("a status without it, as of a kernel thread, tells nothing", () => {
  expect(peakIn("Name:\tVmHWM: 5 kB\n")).toBeNull();
  expect(peakIn("")).toBeNull();
});

test("this process has something resident, and had no less at its peak", () => {
  const resident = ownMemory.residentBytes();
  expect(resident).toBeGreaterThan(2 ** 20);
  // Pages are counted on each processor first, and summed up later.
  expect(ownMemory.peakBytes()).toBeGreaterThan(resident - 2 ** 20);
});
