import { expect, test } from "vitest";
import { chooseGdb } from "../../../src/debugger/find-gdb.ts";
import { ServiceFailure } from "../../../src/system/failure.ts";

const both = (): boolean => true;
const onlyGdb = (path: string): boolean => path === "/usr/bin/gdb";
const none = (): boolean => false;

test.each([
  ["amd64", "x64", both, "gdb"],
  ["i386", "x64", onlyGdb, "gdb"],
  ["armhf", "arm64", onlyGdb, "gdb"],
  ["arm64", "x64", both, "gdb-multiarch"],
])("a core of %s on %s is read with the right gdb", (architecture, machine, isInstalled, program) => {
  expect(chooseGdb(architecture, machine, isInstalled)).toEqual({ kind: "found", program });
});

test("a core of another machine without gdb-multiarch concerns that report only", () => {
  expect(chooseGdb("s390x", "x64", onlyGdb)).toEqual({
    kind: "foreign",
    reason: 'the core is of architecture "s390x", which needs gdb-multiarch (apt-get install gdb-multiarch)',
  });
});

test("no gdb at all is a service failure that says what to install", () => {
  expect(() => chooseGdb("amd64", "x64", none)).toThrow(ServiceFailure);
  expect(() => chooseGdb("s390x", "x64", none)).toThrow("gdb is not installed");
});
