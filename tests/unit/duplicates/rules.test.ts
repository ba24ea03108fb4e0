import { expect, test } from "vitest";
import { type Candidate, chooseMaster, decide } from "../../../src/duplicates/rules.ts";

function crash(id: number, fixedVersion: string | null): Candidate {
  return { id, fixedVersion };
}

function bySignature(...candidates: Candidate[]) {
  return { bySignature: candidates, byAddress: [] };
}

function byAddress(...candidates: Candidate[]) {
  return { bySignature: [], byAddress: candidates };
}

test("with nothing known a report is new", () => {
  expect(decide(bySignature(), "1.0")).toEqual({ kind: "new" });
});

test("an open crash is the master, whatever the report's version", () => {
  expect(decide(bySignature(crash(5, null)), "1.0")).toEqual({ kind: "duplicate", master: 5, loser: null });
  expect(decide(bySignature(crash(5, null)), null)).toEqual({ kind: "duplicate", master: 5, loser: null });
});

test("a crash that was fixed after the report's version is the master", () => {
  expect(decide(bySignature(crash(5, "1.10")), "1.9")).toEqual({ kind: "duplicate", master: 5, loser: null });
});

test("a crash that was fixed in the report's version or before makes it a regression", () => {
  expect(decide(bySignature(crash(5, "1.9")), "1.9")).toEqual({ kind: "regression", of: 5 });
  expect(decide(bySignature(crash(5, "1.9")), "1.10")).toEqual({ kind: "regression", of: 5 });
});

test("versions are compared in Debian's order, not as text", () => {
  const candidates = bySignature(crash(1, "1.10"), crash(2, "1.9"));
  expect(decide(candidates, "1.8")).toMatchObject({ master: 2 });
  expect(decide(candidates, "1.9.5")).toMatchObject({ master: 1 });
  expect(decide(candidates, "1.10")).toEqual({ kind: "regression", of: 1 });
});

test("an open crash comes after the fixed ones", () => {
  const candidates = bySignature(crash(1, null), crash(2, "2.0"));
  expect(decide(candidates, "1.0")).toMatchObject({ master: 2 });
  expect(decide(candidates, "2.0")).toMatchObject({ master: 1 });
});

test("of several open crashes the lowest id is the master", () => {
  expect(decide(bySignature(crash(9, null), crash(4, null)), "1.0")).toMatchObject({ master: 4 });
});

test("a report without a version is a duplicate of the first crash, fixed or not", () => {
  expect(decide(bySignature(crash(1, null), crash(2, "2.0")), null)).toMatchObject({ master: 2 });
  expect(decide(bySignature(crash(3, "")), null)).toMatchObject({ master: 3 });
});

test("a crash fixed in an unknown version is never the master of a report with a version", () => {
  expect(decide(bySignature(crash(3, "")), "1.0")).toEqual({ kind: "regression", of: 3 });
  expect(decide(bySignature(crash(3, "")), "~older-than-nothing")).toEqual({ kind: "regression", of: 3 });
  expect(decide(bySignature(crash(3, ""), crash(4, "0.5")), "1.0")).toEqual({ kind: "regression", of: 4 });
  expect(decide(bySignature(crash(3, ""), crash(4, null)), "1.0")).toMatchObject({ master: 4 });
});

test("an address hit without a master by signature is the master", () => {
  expect(decide(byAddress(crash(7, null)), "1.0")).toEqual({ kind: "duplicate", master: 7, loser: null });
  expect(decide({ bySignature: [crash(1, "0.5")], byAddress: [crash(7, null)] }, "1.0")).toMatchObject({ master: 7 });
});

test("an address hit that was fixed before the report's version does not count", () => {
  expect(decide(byAddress(crash(7, "1.0")), "1.0")).toEqual({ kind: "regression", of: 7 });
  expect(decide({ bySignature: [crash(9, null)], byAddress: [crash(7, "1.0")] }, "1.0")).toEqual({
    kind: "duplicate",
    master: 9,
    loser: null,
  });
});

test("an address hit that differs from the master by signature is merged with it, the lower id wins", () => {
  const merged = { kind: "duplicate", master: 3, loser: 8 };
  expect(decide({ bySignature: [crash(3, null)], byAddress: [crash(8, null)] }, "1.0")).toEqual(merged);
  expect(decide({ bySignature: [crash(8, null)], byAddress: [crash(3, null)] }, "1.0")).toEqual(merged);
});

test("a regression is one of the last crash by signature, before any by address", () => {
  const candidates = { bySignature: [crash(1, "1.0"), crash(2, "1.2")], byAddress: [crash(3, "0.1")] };
  expect(decide(candidates, "2.0")).toEqual({ kind: "regression", of: 2 });
});

test("the master by address alone follows the same order", () => {
  expect(chooseMaster([crash(1, null), crash(2, "2.0")], "1.0")).toBe(2);
  expect(chooseMaster([crash(2, "2.0")], "2.0")).toBeNull();
  expect(chooseMaster([], "2.0")).toBeNull();
});
