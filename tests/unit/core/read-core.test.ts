import { expect, test } from "vitest";
import { readCore } from "../../../src/core/read-core.ts";
import type { Core, CoreFault } from "../../../src/core/types.ts";
import { bufferReader } from "../../lab/buffer-reader.ts";
import { buildCore, buildIds, fileNote, places, processNote, threadNote, typicalCore } from "../../lab/core-builder.ts";
import { type Format, formats, note } from "../../lab/elf-builder.ts";

const little64: Format = { bits: 64, byteOrder: "little" };
const amd64 = 62;

test.each(formats)("a $bits-bit $byteOrder-endian core gives its modules, threads and process", (format) => {
  const core = coreOf(typicalCore(format, 1234));
  expect(core.modules).toMatchObject([
    { path: "/usr/bin/program", start: places.program, buildId: buildIds.program, isExecutable: true, deleted: false },
    {
      path: "/usr/lib/library.so",
      start: places.sharedObject,
      buildId: buildIds.sharedObject,
      isExecutable: false,
      deleted: true,
    },
    { path: "[vdso]", start: places.vdso, buildId: buildIds.vdso, isExecutable: false },
  ]);
  expect(core.modules[0]?.end).toBe(places.program + 0x3000n);
  expect(core).toMatchObject({ ...format, machine: 1234, architecture: null, signal: 11, pid: 42, truncatedBy: 0 });
  expect(core).toMatchObject({ commandName: "program", commandLine: "program --now" });
  expect(core.threads).toEqual([{ tid: 42, pc: null }]);
});

test.each(formats)("the link map of a $bits-bit $byteOrder-endian core gives what gdb will look for", (format) => {
  expect(coreOf(typicalCore(format, 1234)).linkNames).toEqual([
    { name: "/lib/library.so", loadAddress: places.sharedObject },
  ]);
});

test.each(formats)("mappings of a $bits-bit $byteOrder-endian core have offsets in bytes and permissions", (format) => {
  expect(coreOf(typicalCore(format, 1234)).mappings).toMatchObject([
    { path: "/usr/bin/program", fileOffset: 0n, permissions: "r--p" },
    { path: "/usr/bin/program", fileOffset: 4096n, permissions: "r-xp" },
    { path: "/usr/lib/library.so (deleted)", permissions: "r-xp" },
    { path: "/usr/share/fonts/font.ttf", permissions: "r--p" },
  ]);
});

test("a 32-bit core's process information is found in both of its layouts", () => {
  const format: Format = { bits: 32, byteOrder: "big" };
  for (const bytes of [124, 128]) {
    const notes = [processNote(format, { pid: 7, name: "short", commandLine: "short and long" }, bytes)];
    const core = coreOf(buildCore({ ...format, machine: 20, notes, loads: [] }));
    expect(core).toMatchObject({ pid: 7, commandName: "short", commandLine: "short and long" });
  }
});

test("without NT_SIGINFO the signal is that of the first thread, and 0 is none", () => {
  const threads = (signal: number) =>
    [
      { tid: 5, signal },
      { tid: 6, signal: 19 },
    ].map((spec) => threadNote(little64, spec));
  const core = (signal: number) =>
    coreOf(buildCore({ ...little64, machine: amd64, notes: threads(signal), loads: [] }));
  expect(core(8)).toMatchObject({ signal: 8, threads: [{ tid: 5 }, { tid: 6 }] });
  expect(core(0).signal).toBeNull();
});

test("a core of 70,000 mappings has its header count in section 0 (PN_XNUM)", () => {
  const loads = Array.from({ length: 70_000 }, (_, index) => {
    return { address: 0x100000n + BigInt(index) * 0x1000n, content: Buffer.alloc(0), memoryBytes: 0x1000 };
  });
  const notes = [threadNote(little64, { tid: 9 })];
  const bytes = buildCore({ ...little64, machine: amd64, notes, loads, extendedCount: true });
  expect(coreOf(bytes)).toMatchObject({ threads: [{ tid: 9 }], truncatedBy: 0 });
});

test.each(formats)("PN_XNUM, $bits-bit $byteOrder-endian: the count is found, also when the cut took it", (format) => {
  const bytes = typicalCore(format, 1234, { extendedCount: true });
  const whole = coreOf(bytes);
  expect(whole).toMatchObject({ threads: [{ tid: 42 }], truncatedBy: 0 });
  expect(whole.modules).toHaveLength(3);
  expect(coreOf(bytes.subarray(0, bytes.length - 1))).toEqual({ ...whole, truncatedBy: 1 });
});

test("a core is cut off by what its headers promise beyond its end", () => {
  const whole = typicalCore(little64, amd64);
  for (const missing of [1, 100, 5000]) {
    expect(coreOf(whole.subarray(0, whole.length - missing))).toMatchObject({ truncatedBy: missing, signal: 11 });
  }
});

test("a segment without bytes in the file promises nothing, wherever it says it lies", () => {
  const extraHeaders = [{ type: 1, offset: 2n ** 63n, fileBytes: 0, memoryBytes: 4096 }];
  expect(coreOf(typicalCore(little64, amd64, { extraHeaders })).truncatedBy).toBe(0);
});

test("offsets and sizes near 2^64 do not wrap", () => {
  const extraHeaders = [{ type: 1, offset: 2n ** 64n - 1n, fileBytes: 2n ** 64n - 1n, address: 2n ** 64n - 4096n }];
  const core = coreOf(typicalCore(little64, amd64, { extraHeaders }));
  expect(core.truncatedBy).toBe(Number.MAX_SAFE_INTEGER);
  expect(core.modules).toHaveLength(3);
});

test("overlapping segments are no obstacle", () => {
  const extraHeaders = [0n, 1n, 0x800n].map((shift) => {
    return { type: 1, address: places.program + shift, offset: 64, fileBytes: 64, memoryBytes: 2n ** 40n };
  });
  expect(coreOf(typicalCore(little64, amd64, { extraHeaders })).threads).toHaveLength(1);
});

test("NT_FILE that claims more files than it holds gives those that are there, or says too many", () => {
  const file = { start: 0x1000n, end: 0x2000n, page: 0, path: "/a" };
  const withCount = (count: number | bigint) =>
    readCore(
      bufferReader(buildCore({ ...little64, machine: amd64, notes: [fileNote(little64, [file], count)], loads: [] })),
    );
  expect(withCount(1)).toMatchObject({ core: { mappings: [{ path: "/a" }] } });
  expect(withCount(3)).toMatchObject({ core: { mappings: [] } });
  expect(withCount(2n ** 64n - 1n)).toMatchObject({ fault: { kind: "too-many" } });
});

test("a note that is longer than its segment ends the notes, and what came before counts", () => {
  const notes = [threadNote(little64, { tid: 3 }), note(little64, "CORE", 6, Buffer.alloc(16, 9))];
  const bytes = buildCore({ ...little64, machine: amd64, notes, loads: [] });
  bytes.writeUInt32LE(0xfffffff0, bytes.length - 16 - 8 - 12 + 4);
  expect(coreOf(bytes)).toMatchObject({ threads: [{ tid: 3 }], auxv: new Map() });
});

test("what is no core is said to be none, and why", () => {
  const core = typicalCore(little64, amd64);
  expect(faultOf(Buffer.alloc(0))).toMatchObject({ kind: "not-elf", message: "the file is empty" });
  expect(faultOf(Buffer.from("ProblemType: Crash\n"))).toMatchObject({ kind: "not-elf" });
  expect(faultOf(typicalCore(little64, amd64, { type: 3 }))).toMatchObject({ kind: "not-a-core" });
  expect(faultOf(core.subarray(0, 40))).toMatchObject({ kind: "truncated-headers" });
  expect(faultOf(core.subarray(0, 64 + 56))).toMatchObject({ kind: "truncated-headers" });
  expect(faultOf(changed(core, 4, 9))).toMatchObject({ kind: "bad-header" });
  expect(faultOf(changed(core, 54, 8))).toMatchObject({ kind: "bad-header" });
  expect(faultOf(changed(core, 56, 0))).toMatchObject({ kind: "bad-header" });
});

test("a core that claims millions of program headers is refused", () => {
  const bytes = typicalCore(little64, amd64, { extendedCount: true });
  bytes.writeUInt32LE(5_000_000, bytes.length - 64 + 44);
  expect(faultOf(bytes)).toMatchObject({ kind: "too-many" });
});

function coreOf(bytes: Buffer): Core {
  const result = readCore(bufferReader(bytes));
  if (!result.ok) throw new Error(`${result.fault.kind}: ${result.fault.message}`);
  return result.core;
}

function faultOf(bytes: Buffer): CoreFault | null {
  const result = readCore(bufferReader(bytes));
  return result.ok ? null : result.fault;
}

function changed(bytes: Buffer, offset: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[offset] = value;
  return copy;
}
