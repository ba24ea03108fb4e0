import { expect, test } from "vitest";
import { readCore } from "../../../src/core/read-core.ts";
import { bufferReader } from "../../lab/buffer-reader.ts";
import { buildCore, threadNote, typicalCore } from "../../lab/core-builder.ts";
import { elfImage, encoder, type Format } from "../../lab/elf-builder.ts";

type Known = {
  readonly name: string;
  readonly machine: number;
  readonly flags?: number;
  readonly index: number;
} & Format;

const little = "little" as const;
const big = "big" as const;

// Index of the program counter among the general registers, as `eu-readelf -n` and gdb-multiarch show it of
// forged cores whose registers are numbered.
const known: readonly Known[] = [
  { name: "amd64", machine: 62, bits: 64, byteOrder: little, index: 0x10 },
  { name: "i386", machine: 3, bits: 32, byteOrder: little, index: 0xc },
  { name: "arm64", machine: 183, bits: 64, byteOrder: little, index: 0x20 },
  { name: "armhf", machine: 40, bits: 32, byteOrder: little, index: 0xf },
  { name: "ppc64el", machine: 21, bits: 64, byteOrder: little, index: 0x20 },
  { name: "ppc64", machine: 21, bits: 64, byteOrder: big, index: 0x20 },
  { name: "powerpc", machine: 20, bits: 32, byteOrder: big, index: 0x20 },
  { name: "s390x", machine: 22, bits: 64, byteOrder: big, index: 1 },
  { name: "riscv64", machine: 243, bits: 64, byteOrder: little, index: 0 },
  { name: "loong64", machine: 258, bits: 64, byteOrder: little, index: 33 },
  { name: "mipsel", machine: 8, flags: 0x50001007, bits: 32, byteOrder: little, index: 0x28 },
  { name: "mips", machine: 8, flags: 0x50001007, bits: 32, byteOrder: big, index: 0x28 },
  { name: "mips64el", machine: 8, flags: 0x80000007, bits: 64, byteOrder: little, index: 0x22 },
];

test.each(known)("a core of $name has its Debian name and its program counter", (machine) => {
  const { word } = encoder(machine);
  const registers = Buffer.concat(Array.from({ length: 48 }, (_, index) => word(0x1000 + index)));
  const notes = [threadNote(machine, { tid: 7, signal: 11, registers })];
  const result = readCore(bufferReader(buildCore({ ...machine, notes, loads: [] })));
  expect(result).toMatchObject({
    core: { architecture: machine.name, threads: [{ tid: 7, pc: BigInt(0x1000 + machine.index) }] },
  });
});

test("x32 has 64-bit registers in a 32-bit core", () => {
  const format: Format = { bits: 32, byteOrder: little };
  const registers = Buffer.alloc(27 * 8);
  registers.writeBigUInt64LE(0x123456789n, 16 * 8);
  const bytes = buildCore({ ...format, machine: 62, notes: [threadNote(format, { tid: 7, registers })], loads: [] });
  expect(readCore(bufferReader(bytes))).toMatchObject({
    core: { architecture: "x32", threads: [{ pc: 0x123456789n }] },
  });
});

test("the program's flags tell the two 32-bit ARM architectures apart", () => {
  const format: Format = { bits: 32, byteOrder: little };
  const architectureWith = (flags: number) => {
    const content = elfImage(format, { machine: 40, flags, buildId: "ab" });
    const auxv = { address: 0x400000n, content, flags: 5 };
    const result = readCore(bufferReader(typicalCore(format, 40, { loads: [auxv] })));
    return result.ok ? result.core.architecture : result.fault;
  };
  expect(architectureWith(0x05000400)).toBe("armhf");
  expect(architectureWith(0x05000200)).toBe("armel");
});

test("a thread whose registers are cut short has no program counter", () => {
  const format: Format = { bits: 64, byteOrder: little };
  const notes = [threadNote(format, { tid: 7, registers: Buffer.alloc(16 * 8 + 7) })];
  expect(readCore(bufferReader(buildCore({ ...format, machine: 62, notes, loads: [] })))).toMatchObject({
    core: { threads: [{ tid: 7, pc: null }] },
  });
});
