import { expect, test } from "vitest";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { allowedCalls } from "../../../src/system/jail-allowed-calls.ts";
import { deadlyCalls } from "../../../src/system/jail-deadly-calls.ts";
import { syscallFilter } from "../../../src/system/jail-filter.ts";
import { interpret, type Verdict } from "./interpret-filter.ts";

const machines = [
  { machine: "x64", audit: 0xc000003e, column: 0, ioctl: 16, prctl: 157, clone: 56 },
  { machine: "arm64", audit: 0xc00000b7, column: 1, ioctl: 29, prctl: 167, clone: 220 },
] as const;

test.each(machines)("on $machine each number has the verdict of its list, all others ENOSYS", (given) => {
  const { machine, audit, column } = given;
  const filter = syscallFilter(machine);
  const listed = (lists: typeof allowedCalls): Set<number | null> =>
    new Set(Object.values(lists).map((numbers) => numbers[column]));
  const [allowed, deadly] = [listed(allowedCalls), listed(deadlyCalls)];
  const expected = (number: number): Verdict => {
    if (number === given.clone || allowed.has(number)) return "allow";
    return deadly.has(number) ? "kill" : "ENOSYS";
  };
  for (let number = 0; number < 2000; number += 1) {
    expect([number, interpret(filter, { number, audit })]).toEqual([number, expected(number)]);
  }
});

test.each(machines)("on $machine calls of another architecture are deadly, whatever their number", ({ machine }) => {
  const filter = syscallFilter(machine);
  const foreign = [0x40000003, 0x40000028, 0, machine === "x64" ? 0xc00000b7 : 0xc000003e];
  for (const audit of foreign) {
    for (let number = 0; number < 500; number += 1) expect(interpret(filter, { number, audit })).toBe("kill");
  }
});

test("on x64 calls of the x32 kind are deadly, whatever their number", () => {
  const filter = syscallFilter("x64");
  for (const base of [0x40000000, 0x80000000, 0xc0000000]) {
    for (let number = base; number < base + 600; number += 1) {
      expect(interpret(filter, { number, audit: 0xc000003e })).toBe("kill");
    }
  }
  expect(interpret(filter, { number: 0xffffffff, audit: 0xc000003e })).toBe("kill");
});

test.each(machines)("on $machine a terminal can be asked and set, but not typed into", ({ machine, audit, ioctl }) => {
  const filter = syscallFilter(machine);
  const verdict = (command: bigint): Verdict => {
    return interpret(filter, { number: ioctl, audit, arguments: [0n, command] });
  };
  for (const command of [0x5401n, 0x5404n, 0x5410n, 0x5413n, 0x541bn, 0x802c542an])
    expect(verdict(command)).toBe("allow");
  // TIOCSTI, TIOCLINUX, TIOCSCTTY, a block device's BLKRRPART, KVM, TUNSETIFF
  for (const command of [0x5412n, 0x541cn, 0x540en, 0x125fn, 0xae01n, 0x400454can])
    expect(verdict(command)).toBe("ENOSYS");
  expect(verdict(0x1_0000_5412n)).toBe("ENOSYS");
});

test.each(machines)("on $machine a process may be made, but no namespace", ({ machine, audit, clone }) => {
  const filter = syscallFilter(machine);
  const verdict = (flags: bigint): Verdict => interpret(filter, { number: clone, audit, arguments: [flags] });
  const [fork, thread] = [0x01200011n, 0x003d0f00n];
  expect([verdict(fork), verdict(thread)]).toEqual(["allow", "allow"]);
  const namespaces = [0x00020000n, 0x02000000n, 0x04000000n, 0x08000000n, 0x10000000n, 0x20000000n, 0x40000000n];
  for (const flag of namespaces) expect(verdict(fork | flag)).toBe("ENOSYS");
});

test.each(machines)("on $machine prctl gives names and nothing else", ({ machine, audit, prctl }) => {
  const filter = syscallFilter(machine);
  const allowed: bigint[] = [];
  for (let option = 0n; option < 100n; option += 1n) {
    if (interpret(filter, { number: prctl, audit, arguments: [option] }) === "allow") allowed.push(option);
  }
  expect(allowed).toEqual([15n, 16n]);
});

test("no call is on both lists, and the well-known ways out are on none that allows", () => {
  const names = Object.keys(allowedCalls);
  expect(names.filter((name) => name in deadlyCalls)).toEqual([]);
  const wayOut =
    /^(socket|connect|bind|ptrace|process_vm|setns|clone3|pidfd|perf_|shm|msg|sem|mq_|memfd|execveat|personality|mknod|link|symlink|set.*id$|seccomp|name_to)/;
  expect(names.filter((name) => wayOut.test(name) && name !== "setsid" && name !== "setpgid")).toEqual([]);
});

test("a machine without numbers has no jail, and is told so", () => {
  expect(() => syscallFilter("s390x")).toThrow(ServiceFailure);
  expect(() => syscallFilter("s390x")).toThrow("no system call filter for this machine (s390x)");
});
