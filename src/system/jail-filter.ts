import { ServiceFailure } from "./failure.ts";
import { allowedCalls, type CallNumbers } from "./jail-allowed-calls.ts";
import { deadlyCalls } from "./jail-deadly-calls.ts";

type Machine = { readonly audit: number; readonly column: 0 | 1; readonly otherAbiFrom: number | null };

// AUDIT_ARCH_… of linux/audit.h. A 64-bit Intel kernel also answers to x32 programs: the same architecture by this
// mark, but with bit 30 set in the number, so that a list of numbers would miss every one of them.
const machines: Readonly<Record<string, Machine>> = {
  x64: { audit: 0xc000003e, column: 0, otherAbiFrom: 0x40000000 },
  arm64: { audit: 0xc00000b7, column: 1, otherAbiFrom: null },
};

type Argument = {
  readonly numbers: readonly [x64: number, arm64: number];
  readonly argument: number;
  readonly allows: Test;
};
type Test = { readonly oneOf: readonly number[] } | { readonly noneOfBits: number };

// The kernel looks at the lower half of these arguments only, and so do we: a filter that compared all 64 bits
// let TIOCSTI pass with a bit set above them (CVE-2019-7303).
const byArgument: readonly Argument[] = [
  // Terminals, as far as readline and stdio go: TCGETS to TCSETSF, TCSBRK, TCXONC, TCFLSH, TIOC[GS]PGRP, TIOC[GS]WINSZ,
  // FIONREAD, FIONBIO, FIO[N]CLEX, TCGETS2 to TCSETSF2. Not TIOCSTI, which types into a terminal.
  {
    numbers: [16, 29],
    argument: 1,
    allows: {
      oneOf: [
        ...[0x5401, 0x5402, 0x5403, 0x5404, 0x5409, 0x540a, 0x540b, 0x540f, 0x5410, 0x5413, 0x5414],
        ...[0x541b, 0x5421, 0x5450, 0x5451, 0x802c542a, 0x402c542b, 0x402c542c, 0x402c542d],
      ],
    },
  },
  // prctl: the name of a thread, and of a piece of memory.
  { numbers: [157, 167], argument: 0, allows: { oneOf: [15, 16, 0x53564d41] } },
  // clone: processes and threads, but no namespaces (CLONE_NEWNS, -CGROUP, -UTS, -IPC, -USER, -PID, -NET). clone3 has its
  // flags in memory, where a filter cannot look: it is refused, and the C library takes clone instead.
  { numbers: [56, 220], argument: 0, allows: { noneOfBits: 0x7e020000 } },
];

const offsetOfNumber = 0;
const offsetOfMachine = 4;
const offsetOfArguments = 16;

const allow = 0x7fff0000;
const kill = 0x80000000;
// ENOSYS, "this kernel has no such call", for what is not on any list: a C library newer than ours that tries a new
// call then takes the old one. With EPERM it would give up; containers broke on clone3 and faccessat2 that way.
const refuse = 0x00050000 + 38;

/**
 * The jail's system call filter, compiled for the kernel (classic BPF, seccomp(2)) from the lists of names.
 *
 * @param machine as in `process.arch`.
 * @throws ServiceFailure for a machine whose numbers are not in the lists.
 */
export function syscallFilter(machine: string = process.arch): Buffer {
  const known = machines[machine];
  if (known === undefined) {
    throw new ServiceFailure(`The jail for gdb has no system call filter for this machine (${machine})`, {
      remedy: `Retrace on another machine: the filter exists for ${Object.keys(machines).join(" and ")}.`,
    });
  }
  return Buffer.concat([
    ...[load(offsetOfMachine), skipUnlessEqual(known.audit, 1), skip(1), giveBack(kill), load(offsetOfNumber)],
    ...(known.otherAbiFrom === null ? [] : [skipUnlessAtLeast(known.otherAbiFrom, 1), giveBack(kill)]),
    ...byArgument.flatMap((rule) => argumentRule(rule, known)),
    ...numbersOf(allowedCalls, known).flatMap((number) => [skipUnlessEqual(number, 1), giveBack(allow)]),
    ...numbersOf(deadlyCalls, known).flatMap((number) => [skipUnlessEqual(number, 1), giveBack(kill)]),
    giveBack(refuse),
  ]);
}

function numbersOf(calls: Readonly<Record<string, CallNumbers>>, { column }: Machine): number[] {
  return Object.values(calls)
    .map((numbers) => numbers[column])
    .filter((number) => number !== null);
}

function argumentRule({ numbers, argument, allows }: Argument, { column }: Machine): Buffer[] {
  const tests =
    "oneOf" in allows
      ? [...allows.oneOf.flatMap((value) => [skipUnlessEqual(value, 1), giveBack(allow)]), giveBack(refuse)]
      : [skipUnlessBits(allows.noneOfBits, 1), giveBack(refuse), giveBack(allow)];
  const body = [load(offsetOfArguments + 8 * argument), ...tests];
  return [skipUnlessEqual(numbers[column], body.length), ...body];
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

function skip(count: number): Buffer {
  return instruction(0x05, 0, 0, count);
}

function skipUnlessEqual(number: number, count: number): Buffer {
  return instruction(0x15, 0, count, number);
}

function skipUnlessAtLeast(number: number, count: number): Buffer {
  return instruction(0x35, 0, count, number);
}

function skipUnlessBits(bits: number, count: number): Buffer {
  return instruction(0x45, 0, count, bits);
}

function giveBack(verdict: number): Buffer {
  return instruction(0x06, 0, 0, verdict);
}
