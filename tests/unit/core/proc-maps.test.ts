import { expect, test } from "vitest";
import { procMapsOf } from "../../../src/core/proc-maps.ts";
import { readCore } from "../../../src/core/read-core.ts";
import { signalName } from "../../../src/core/signal-name.ts";
import { bufferReader } from "../../lab/buffer-reader.ts";
import { typicalCore } from "../../lab/core-builder.ts";

test("memory maps have the kernel's shape: range, permissions, offset, device, inode, blanks, path", () => {
  const blanks = " ".repeat(33);
  expect(procMapsOf(coreOf({ bits: 64, byteOrder: "little" }))).toBe(
    [
      `00400000-00401000 r--p 00000000 00:00 0 ${blanks}/usr/bin/program`,
      `00401000-00403000 r-xp 00001000 00:00 0 ${blanks}/usr/bin/program`,
      `10000000-10003000 r-xp 00000000 00:00 0 ${blanks}/usr/lib/library.so (deleted)`,
      `30000000-30003000 r-xp 00000000 00:00 0 ${blanks}[vdso]`,
      `50000000-50001000 r--p 00000000 00:00 0 ${blanks}/usr/share/fonts/font.ttf`,
      "",
    ].join("\n"),
  );
});

test("a line break in a file name makes no line of its own", () => {
  const core = coreOf({ bits: 64, byteOrder: "little" });
  const mappings = core.mappings.map((mapping) => ({ ...mapping, path: "/tmp/a\n00000000-ffffffff r-xp  /bin/sh" }));
  const lines = procMapsOf({ ...core, mappings })
    .trimEnd()
    .split("\n");
  expect(lines).toHaveLength(5);
  expect(lines[0]).toContain("/tmp/a\\01200000000");
});

test("signals have the names of their machine", () => {
  expect([11, 6, 31, 34].map((number) => signalName(number))).toEqual(["SIGSEGV", "SIGABRT", "SIGSYS", "SIGRT34"]);
  expect([7, 10].map((number) => signalName(number))).toEqual(["SIGBUS", "SIGUSR1"]);
  expect([7, 10].map((number) => signalName(number, 8))).toEqual(["SIGEMT", "SIGBUS"]);
  expect([0, -1, 1.5, 1000].map((number) => signalName(number))).toEqual([null, null, null, null]);
});

function coreOf(format: Parameters<typeof typicalCore>[0]) {
  const result = readCore(bufferReader(typicalCore(format, 62)));
  if (!result.ok) throw new Error(result.fault.message);
  return result.core;
}
