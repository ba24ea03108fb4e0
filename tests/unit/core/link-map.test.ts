import { expect, test } from "vitest";
import { readCore } from "../../../src/core/read-core.ts";
import type { LinkName } from "../../../src/core/types.ts";
import { bufferReader } from "../../lab/buffer-reader.ts";
import { type LinkEntry, linkMapMemory, places, typicalCore } from "../../lab/core-builder.ts";
import { elfImage, type Format } from "../../lab/elf-builder.ts";

const format: Format = { bits: 64, byteOrder: "little" };

test("a link map that runs in a circle is walked once", () => {
  const names = linkNamesWith([
    { name: "/a.so", loadAddress: 1n },
    { name: "/b.so", loadAddress: 2n, next: 0 },
  ]);
  expect(names).toEqual([
    { name: "/a.so", loadAddress: 1n },
    { name: "/b.so", loadAddress: 2n },
  ]);
});

test("an entry that points to itself is read once", () => {
  expect(linkNamesWith([{ name: "/a.so", loadAddress: 1n, next: 0 }])).toHaveLength(1);
});

test("a link map that leaves the core's memory ends there", () => {
  const memory = linkMapMemory(format, places.linker, [{ name: "/a.so", loadAddress: 1n }]);
  memory.writeBigUInt64LE(0xdead0000n, 0x1000 + 24);
  expect(linkNamesIn(memory)).toHaveLength(1);
});

test("a name without an end is cut at the longest path there is", () => {
  const memory = Buffer.concat([
    linkMapMemory(format, places.linker, [{ name: "", loadAddress: 1n }]),
    Buffer.alloc(100_000, "x"),
  ]);
  memory.writeBigUInt64LE(places.linker + 0x2000n, 0x1000 + 8);
  expect(linkNamesIn(memory)[0]?.name).toHaveLength(4096);
});

test("a link map that the core does not hold is empty, and no fault", () => {
  expect(linkNamesIn(Buffer.alloc(0))).toEqual([]);
  expect(linkNamesIn(Buffer.alloc(0x2000))).toEqual([]);
});

function linkNamesWith(entries: readonly LinkEntry[]): readonly LinkName[] {
  return linkNamesIn(linkMapMemory(format, places.linker, entries));
}

function linkNamesIn(memory: Buffer): readonly LinkName[] {
  const program = elfImage(format, { machine: 62, dynamicAddress: places.linker - places.program });
  const loads = [
    { address: places.program, content: program },
    { address: places.linker, content: memory, flags: 6 },
  ];
  const result = readCore(bufferReader(typicalCore(format, 62, { loads })));
  if (!result.ok) throw new Error(result.fault.message);
  return result.core.linkNames;
}
