import type { CallNumbers } from "./jail-allowed-calls.ts";

/** A machine of whose system calls we know the numbers. */
export type FilteredMachine = {
  readonly audit: number;
  /** Which number of a pair. */
  readonly column: 0 | 1;
  readonly otherAbiFrom: number | null;
};

// AUDIT_ARCH_… of linux/audit.h. A 64-bit Intel kernel also answers to x32 programs: the same architecture by this
// mark, but with bit 30 set in the number, so that a list of numbers would miss every one of them.
const machines: Readonly<Record<string, FilteredMachine>> = {
  x64: { audit: 0xc000003e, column: 0, otherAbiFrom: 0x40000000 },
  arm64: { audit: 0xc00000b7, column: 1, otherAbiFrom: null },
};

/** Names of all of them, as in `process.arch`. */
export const filteredMachines = Object.keys(machines);

export function filteredMachine(name: string): FilteredMachine | null {
  return machines[name] ?? null;
}

/** Numbers of calls on a machine; those that it never had are left out. */
export function numbersOf(
  calls: Readonly<Record<string, CallNumbers>>,
  { column }: FilteredMachine,
): readonly number[] {
  return Object.values(calls)
    .map((numbers) => numbers[column])
    .filter((number) => number !== null);
}

/** Verdicts. */
export const allow = 0x7fff0000;
export const kill = 0x80000000;

/** The verdict that a call is not made, and its caller told that it failed with this error; with 0 that it was made. */
export function answer(errno: number): number {
  return 0x00050000 + errno;
}

// The instructions (struct sock_filter): code, how many to skip if true and if false, and a number. All machines of
// ours are little-endian, so the lower half of an argument comes first.
function instruction(code: number, ifTrue: number, ifFalse: number, number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(number, 4);
  return bytes;
}

function load(offset: number): Buffer {
  return instruction(0x20, 0, 0, offset);
}

/** Loads the kernel's mark of the machine that a call is made for. */
export const loadMachine = load(4);
/** Loads the number of a call. */
export const loadNumber = load(0);

/** Loads the lower half of an argument of a call. */
export function loadArgument(argument: number): Buffer {
  return load(16 + 8 * argument);
}

/** Keeps these bits of what is loaded. */
export function maskWith(bits: number): Buffer {
  return instruction(0x54, 0, 0, bits);
}

/** Goes on after so many instructions more. */
export function skip(count: number): Buffer {
  return instruction(0x05, 0, 0, count);
}

export function skipUnlessEqual(number: number, count: number): Buffer {
  return instruction(0x15, 0, count, number);
}

export function skipUnlessAtLeast(number: number, count: number): Buffer {
  return instruction(0x35, 0, count, number);
}

export function skipUnlessBits(bits: number, count: number): Buffer {
  return instruction(0x45, 0, count, bits);
}

/** Ends with a verdict. */
export function give(verdict: number): Buffer {
  return instruction(0x06, 0, 0, verdict);
}
