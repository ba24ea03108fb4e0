import { expect, test } from "vitest";
import { allowedCalls, type CallNumbers } from "../../../src/system/jail-allowed-calls.ts";
import { deadlyCalls } from "../../../src/system/jail-deadly-calls.ts";
import { run } from "../../../src/system/process.ts";

// What arm64 takes of the list that newer architectures share, as its own asm/unistd.h has it.
const arm64 = ["#define __BITS_PER_LONG 64", "#define __ARCH_WANT_RENAMEAT", "#define __ARCH_WANT_NEW_STAT"]
  .concat("#define __ARCH_WANT_SET_GET_RLIMIT", "#define __ARCH_WANT_MEMFD_SECRET", "#include <asm-generic/unistd.h>")
  .join("\n");

const known = { ...allowedCalls, ...deadlyCalls, ioctl: [16, 29], prctl: [157, 167], clone: [56, 220] } as Readonly<
  Record<string, CallNumbers>
>;

// On arm64 itself there are no headers of x86-64.
test.each([
  ...(process.arch === "x64" ? [{ name: "x86-64", column: 0 as const, source: "#include <asm/unistd.h>" }] : []),
  { name: "arm64", column: 1 as const, source: arm64 },
])("the numbers for $name are those of the kernel's headers", async ({ column, source }) => {
  const numbers = await numbersIn(source);
  expect(numbers.size).toBeGreaterThan(250);
  const ours = Object.entries(known).map(([name, pair]) => [name, pair[column]]);
  const theirs = Object.keys(known).map((name) => [name, numbers.get(name) ?? null]);
  expect(ours).toEqual(theirs);
});

async function numbersIn(source: string): Promise<ReadonlyMap<string, number>> {
  const result = await run(["gcc", "-E", "-dM", "-"], { deadlineMs: 30_000, stdin: `${source}\n` });
  const text = result.stdout.toString();
  // `#define __NR_lseek __NR3264_lseek`, `#define __NR3264_lseek 62`; newfstatat is __NR3264_fstatat.
  const shared = new Map(
    [...text.matchAll(/^#define (__NR3264_\w+) (\d+)$/gm)].map(([, name, number]) => [name, number]),
  );
  const defined = [...text.matchAll(/^#define __NR_(\w+) (\w+)$/gm)];
  return new Map(defined.map(([, name = "", value = ""]) => [name, Number(shared.get(value) ?? value)]));
}
