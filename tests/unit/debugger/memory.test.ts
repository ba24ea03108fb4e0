import { expect, test } from "vitest";
import { memoryRanOut } from "../../../src/debugger/memory.ts";

const ended = {
  command: ["gdb"],
  exitCode: 1,
  signal: null,
  stoppedBy: null,
  startError: null,
  stdout: Buffer.alloc(0),
  stderr: "",
  durationMs: 1,
};

test.each([
  "gdb: error while loading shared libraries: libc.so.6: failed to map segment from shared object",
  "../../gdb/utils.c:709: internal-error: virtual memory exhausted: can't allocate 4064 bytes.",
  "terminate called after throwing an instance of 'std::bad_alloc'",
  "Python Exception <class 'MemoryError'>: <class 'MemoryError'>",
  "mmap: Cannot allocate memory",
])("%j means that memory ran out", (stderr) => {
  expect(memoryRanOut({ ...ended, exitCode: 134, stderr })).toBe(true);
});

test("a kill that was not ours is the kernel's, for memory", () => {
  expect(memoryRanOut({ ...ended, exitCode: 137 })).toBe(true);
});

test("a kill of ours, a crash and ordinary errors are not", () => {
  expect(memoryRanOut({ ...ended, exitCode: null, signal: "SIGKILL", stoppedBy: "deadline" })).toBe(false);
  expect(memoryRanOut({ ...ended, exitCode: 139, stderr: "Fatal signal: Segmentation fault" })).toBe(false);
  expect(memoryRanOut({ ...ended, stderr: "Cannot access memory at address 0x0" })).toBe(false);
});
