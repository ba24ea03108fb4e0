import {
  allow,
  answer,
  type FilteredMachine,
  filteredMachine,
  filteredMachines,
  give,
  kill,
  loadArgument,
  loadMachine,
  loadNumber,
  numbersOf,
  skip,
  skipUnlessAtLeast,
  skipUnlessBits,
  skipUnlessEqual,
} from "./call-filter.ts";
import { ServiceFailure } from "./failure.ts";
import { allowedCalls } from "./jail-allowed-calls.ts";
import { deadlyCalls } from "./jail-deadly-calls.ts";

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

// ENOSYS, "this kernel has no such call", for what is not on any list: a C library newer than ours that tries a new
// call then takes the old one. With EPERM it would give up; containers broke on clone3 and faccessat2 that way.
const refuse = answer(38);

/**
 * The jail's system call filter, compiled for the kernel (classic BPF, seccomp(2)) from the lists of names.
 *
 * @param machine as in `process.arch`.
 * @throws ServiceFailure for a machine whose numbers are not in the lists.
 */
export function syscallFilter(machine: string = process.arch): Buffer {
  const known = filteredMachine(machine);
  if (known === null) {
    throw new ServiceFailure(`The jail for gdb has no system call filter for this machine (${machine})`, {
      remedy: `Retrace on another machine: the filter exists for ${filteredMachines.join(" and ")}.`,
    });
  }
  return Buffer.concat([
    ...[loadMachine, skipUnlessEqual(known.audit, 1), skip(1), give(kill), loadNumber],
    ...(known.otherAbiFrom === null ? [] : [skipUnlessAtLeast(known.otherAbiFrom, 1), give(kill)]),
    ...byArgument.flatMap((rule) => argumentRule(rule, known)),
    ...numbersOf(allowedCalls, known).flatMap((number) => [skipUnlessEqual(number, 1), give(allow)]),
    ...numbersOf(deadlyCalls, known).flatMap((number) => [skipUnlessEqual(number, 1), give(kill)]),
    give(refuse),
  ]);
}

function argumentRule({ numbers, argument, allows }: Argument, { column }: FilteredMachine): Buffer[] {
  const tests =
    "oneOf" in allows
      ? [...allows.oneOf.flatMap((value) => [skipUnlessEqual(value, 1), give(allow)]), give(refuse)]
      : [skipUnlessBits(allows.noneOfBits, 1), give(refuse), give(allow)];
  const body = [loadArgument(argument), ...tests];
  return [skipUnlessEqual(numbers[column], body.length), ...body];
}
