import type { JailResult } from "../system/jail.ts";

// In the order in which memory can run out: the loader, gdb's own allocator (which then aborts), C++, Python, libc.
const words = [
  /cannot (?:map|allocate|enable).*(?:segment|memory|pages|stack)/i,
  /failed to map segment/i,
  /virtual memory exhausted/,
  /std::bad_alloc/,
  /\bMemoryError\b/,
  /(?:Cannot allocate|out of) memory/i,
];

const killed = 128 + 9;

/**
 * Whether gdb's failure was for lack of memory, so that another try (with more, or on a quieter machine) may help.
 * The address-space limit makes allocations fail, which gdb says on stderr before it aborts. The kernel's own
 * out-of-memory killer says nothing: SIGKILL that was not ours.
 *
 * A hostile core can have these words printed as part of a name. All it gains is the bounded number of tries.
 */
export function memoryRanOut(result: JailResult): boolean {
  if (result.stoppedBy !== null) return false;
  return result.exitCode === killed || words.some((pattern) => pattern.test(result.stderr));
}
