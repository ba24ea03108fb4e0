import {
  allow,
  answer,
  filteredMachine,
  give,
  loadArgument,
  loadMachine,
  loadNumber,
  maskWith,
  numbersOf,
  skip,
  skipUnlessEqual,
} from "../system/call-filter.ts";
import type { CallNumbers } from "../system/jail-allowed-calls.ts";

/** What changes the owner of a file, or whom a process acts for. */
const ownership: Readonly<Record<string, CallNumbers>> = {
  chown: [92, null],
  fchown: [93, 55],
  lchown: [94, null],
  fchownat: [260, 54],
  setuid: [105, 146],
  setgid: [106, 144],
  setreuid: [113, 145],
  setregid: [114, 143],
  setgroups: [116, 159],
  setresuid: [117, 147],
  setresgid: [119, 149],
  setfsuid: [122, 151],
  setfsgid: [123, 152],
};

/** What makes a file of any type: the call, and which of its arguments has the type. */
const making: readonly (readonly [CallNumbers, number])[] = [
  [[133, null], 1],
  [[259, 33], 2],
];

const typeBits = 0o170000;
const devices = [0o020000, 0o060000];

/**
 * A system call filter (classic BPF, seccomp(2)) under which everything belongs to one user, and whoever gives a file away,
 * becomes somebody else or makes a device is told that it was done. Packages can be installed so by a user who has nobody
 * to give anything to. Null on a machine whose numbers of calls are not known.
 *
 * @param machine as in `process.arch`.
 */
export function pretendedOwners(machine: string = process.arch): Buffer | null {
  const known = filteredMachine(machine);
  if (known === null) return null;
  const madeUp = give(answer(0));
  const makingRules = making.flatMap(([numbers, argument]) => {
    const number = numbers[known.column];
    if (number === null) return [];
    const tests = devices.flatMap((type) => [skipUnlessEqual(type, 1), madeUp]);
    const body = [loadArgument(argument), maskWith(typeBits), ...tests, give(allow)];
    return [skipUnlessEqual(number, body.length), ...body];
  });
  return Buffer.concat([
    ...[loadMachine, skipUnlessEqual(known.audit, 1), skip(1), give(allow), loadNumber],
    ...numbersOf(ownership, known).flatMap((number) => [skipUnlessEqual(number, 1), madeUp]),
    ...makingRules,
    give(allow),
  ]);
}
