import { afterEach, beforeEach, expect, test } from "vitest";
import { contentOf, type DuplicatesLab, makeDuplicatesLab, runPython } from "./lab.ts";

const signature = "/usr/bin/x:11:main:f:g";
const address = "/usr/bin/x:11:/usr/bin/x+10:/usr/lib/y.so+20:/usr/lib/y.so+30";

let lab: DuplicatesLab;

beforeEach(async () => {
  lab = await makeDuplicatesLab();
});

afterEach(async () => lab.dispose());

test("the first report of a crash is new and is stored with both signatures", async () => {
  const answer = await lab.ask(10, { signature, addressSignature: address });
  expect(answer).toEqual({ verdict: { kind: "new" }, merges: [], contradictions: [] });
  expect(lab.asked).toEqual([]);
  expect(await lab.duplicates.details(10)).toMatchObject({
    id: 10,
    signature,
    fixedVersion: null,
    addressSignatures: [address],
  });
});

test("the second report is a duplicate, and its address signature becomes the master's", async () => {
  await lab.ask(10, { signature });
  const answer = await lab.ask(11, { signature, addressSignature: address });
  expect(answer.verdict).toEqual({ kind: "duplicate", master: 10 });
  expect(lab.asked).toEqual([[10]]);
  expect(await lab.duplicates.crash(11)).toBeNull();
  expect((await lab.duplicates.details(10))?.addressSignatures).toEqual([address]);
});

test("a report without any signature is not compared and not stored", async () => {
  expect((await lab.ask(10)).verdict).toEqual({ kind: "unsigned" });
  expect((await lab.ask(10, { signature: "x".repeat(1_000_000) })).verdict).toEqual({ kind: "unsigned" });
  expect(await lab.duplicates.crash(10)).toBeNull();
});

test("a report with only an address signature is stored under it and found again", async () => {
  expect((await lab.ask(10, { addressSignature: address })).verdict).toEqual({ kind: "new" });
  expect((await lab.duplicates.crash(10))?.signature).toBe(address);
  expect((await lab.ask(11, { addressSignature: address })).verdict).toEqual({ kind: "duplicate", master: 10 });
  expect((await lab.ask(12, { signature, addressSignature: address })).verdict).toMatchObject({ master: 10 });
});

test("a signature with line breaks and quotes is compared like any other", async () => {
  const strange = `/bin/x:6:it's "broken"\n:\r\nDROP TABLE crashes; -- é`;
  await lab.ask(10, { signature: strange });
  expect((await lab.ask(11, { signature: strange })).verdict).toEqual({ kind: "duplicate", master: 10 });
});

test("a crash that the tracker calls invalid is forgotten with its addresses", async () => {
  await lab.ask(10, { signature, addressSignature: address });
  lab.statuses.set(10, { kind: "invalid" });
  expect((await lab.ask(11, { signature, addressSignature: address })).verdict).toEqual({ kind: "new" });
  expect(await lab.duplicates.crash(10)).toBeNull();
  expect((await lab.duplicates.details(11))?.addressSignatures).toEqual([address]);
});

test("a crash that was fixed before the report's version makes it a regression, stored as a new open crash", async () => {
  await lab.ask(10, { signature });
  lab.statuses.set(10, { kind: "fixed", version: "1.2-3" });
  expect((await lab.ask(11, { signature, packageVersion: "1.2-3" })).verdict).toEqual({ kind: "regression", of: 10 });
  expect(await lab.duplicates.crash(10)).toMatchObject({ fixedVersion: "1.2-3" });
  expect(await lab.duplicates.crash(11)).toMatchObject({ fixedVersion: null });
  expect((await lab.ask(12, { signature, packageVersion: "1.2-4" })).verdict).toMatchObject({ master: 11 });
  expect((await lab.ask(13, { signature, packageVersion: "1.2-2" })).verdict).toMatchObject({ master: 10 });
});

test("a crash that was reopened is the master again", async () => {
  await lab.ask(10, { signature });
  await lab.duplicates.setFixed(10, "0.9");
  expect((await lab.ask(11, { signature })).verdict).toEqual({ kind: "duplicate", master: 10 });
  expect(await lab.duplicates.crash(10)).toMatchObject({ fixedVersion: null });
});

test("a tracker that does not know the version takes nothing from a version that a person gave", async () => {
  await lab.ask(10, { signature });
  await lab.duplicates.setFixed(10, "0.9");
  lab.statuses.set(10, { kind: "fixed", version: "" });
  expect((await lab.ask(11, { signature, packageVersion: "0.8" })).verdict).toMatchObject({ master: 10 });
  expect(await lab.duplicates.crash(10)).toMatchObject({ fixedVersion: "0.9" });
});

test("an id that the tracker says nothing about keeps its stored status", async () => {
  await lab.ask(10, { signature });
  await lab.duplicates.setFixed(10, "0.9");
  const question = { id: 11, signature, addressSignature: null, packageVersion: "1.0" };
  const answer = await lab.duplicates.check(question, async () => new Map());
  expect(answer.verdict).toEqual({ kind: "regression", of: 10 });
});

test("a crash fixed in an unknown version does not swallow a later report", async () => {
  await lab.ask(10, { signature, addressSignature: address });
  lab.statuses.set(10, { kind: "fixed", version: "" });
  expect(await lab.duplicates.lookupAddress(question(11, "1.0"), lab.statusOf)).toBeNull();
  expect((await lab.ask(11, { signature })).verdict).toEqual({ kind: "regression", of: 10 });
});

test("two crashes that one report connects are merged into the lower id, with all their rows", async () => {
  await lab.ask(10, { signature: "/usr/bin/x:11:a:b", addressSignature: address });
  await lab.ask(20, { signature });
  const answer = await lab.ask(30, { signature, addressSignature: address });
  expect(answer.verdict).toEqual({ kind: "duplicate", master: 10 });
  expect(answer.merges).toEqual([{ loser: 20, master: 10 }]);
  expect(await lab.duplicates.crash(20)).toBeNull();
  expect(await lab.duplicates.details(10)).toMatchObject({ furtherSignatures: [signature], mergedFrom: [20] });
  expect((await lab.ask(40, { signature })).verdict).toEqual({ kind: "duplicate", master: 10 });
});

test("merges one after the other leave no chain", async () => {
  await lab.ask(30, { signature: "s30:1", addressSignature: "a30:1" });
  await lab.ask(20, { signature: "s20:1", addressSignature: "a20:1" });
  await lab.ask(10, { signature: "s10:1", addressSignature: "a10:1" });
  const first = await lab.ask(40, { signature: "s30:1", addressSignature: "a20:1" });
  expect(first.merges).toEqual([{ loser: 30, master: 20 }]);
  const second = await lab.ask(50, { signature: "s30:1", addressSignature: "a10:1" });
  expect(second).toMatchObject({ verdict: { master: 10 }, merges: [{ loser: 20, master: 10 }] });
  for (const known of ["s10:1", "s20:1", "s30:1"]) {
    expect((await lab.ask(60, { signature: known })).verdict).toEqual({ kind: "duplicate", master: 10 });
  }
  for (const known of ["a10:1", "a20:1", "a30:1"]) {
    expect((await lab.ask(60, { addressSignature: known })).verdict).toEqual({ kind: "duplicate", master: 10 });
  }
  // The batch may have died before the tracker heard of the first merge; 30's master is 10 by now.
  const again = await lab.ask(40, { signature: "s30:1", addressSignature: "a20:1" });
  expect(again.merges).toEqual([{ loser: 30, master: 10 }]);
});

test("a merge is not heard of again when its master is gone or its loser came back", async () => {
  await lab.ask(10, { signature: "s10:1", addressSignature: "a:1" });
  await lab.ask(20, { signature });
  expect((await lab.ask(30, { signature, addressSignature: "a:1" })).merges).toHaveLength(1);
  await lab.ask(20, { signature: "other:1" });
  expect((await lab.ask(30, { signature, addressSignature: "a:1" })).merges).toEqual([]);
  await lab.duplicates.remove(20);
  lab.statuses.set(10, { kind: "invalid" });
  expect(await lab.ask(30, { signature })).toEqual({ verdict: { kind: "new" }, merges: [], contradictions: [] });
});

test("checking the same report again gives the same answer and changes nothing", async () => {
  await lab.ask(10, { signature: "/usr/bin/x:11:a:b", addressSignature: address });
  await lab.ask(20, { signature });
  lab.statuses.set(5, { kind: "fixed", version: "0.5" });
  await lab.ask(5, { signature: "s5:1", addressSignature: "a5:1" });
  const questions = [
    [5, { signature: "s5:1", addressSignature: "a5:1" }],
    [30, { signature, addressSignature: address }],
    [31, { signature: "new:1", addressSignature: "other:1" }],
    [32, { signature: "s5:1", addressSignature: "a5:1" }],
    [33, { signature: "s5:1", addressSignature: "a5:1" }],
  ] as const;
  for (const [id, rest] of questions) {
    const first = await lab.ask(id, rest);
    const before = contentOf(lab.path);
    expect(await lab.ask(id, rest)).toEqual(first);
    expect(contentOf(lab.path)).toBe(before);
  }
});

test("an address signature of a fixed crash and of its regression is kept for both, and reported", async () => {
  await lab.ask(10, { signature, addressSignature: address });
  lab.statuses.set(10, { kind: "fixed", version: "1.0" });
  const answer = await lab.ask(11, { signature: "/usr/bin/x:11:other:name", addressSignature: address });
  expect(answer.verdict).toEqual({ kind: "regression", of: 10 });
  expect(answer.contradictions).toEqual([expect.stringMatching(/10 \(fixed in "1.0"\) and 11 \(open\): "\/usr/)]);
  expect(await lab.duplicates.problems()).toEqual([]);
  // Each version finds its own.
  expect(await lab.duplicates.lookupAddress(question(12, "0.9"), lab.statusOf)).toBe(10);
  expect(await lab.duplicates.lookupAddress(question(12, "1.1"), lab.statusOf)).toBe(11);
  // Two open crashes with one address signature are something for a person.
  lab.statuses.set(10, { kind: "open" });
  await lab.duplicates.lookupAddress(question(12, "1.1"), lab.statusOf);
  expect(await lab.duplicates.problems()).toEqual([expect.stringContaining("crashes 10 and 11, both open")]);
  await lab.duplicates.remove(10);
  expect((await lab.duplicates.details(11))?.addressSignatures).toEqual([address]);
  expect(await lab.duplicates.problems()).toEqual([]);
});

test("an older crash that was reopened takes the newer one with the same signature back", async () => {
  await lab.ask(10, { signature });
  lab.statuses.set(10, { kind: "fixed", version: "0.9" });
  await lab.ask(20, { signature });
  await lab.duplicates.reopen(10);
  lab.statuses.set(10, { kind: "open" });
  const answer = await lab.ask(10, { signature });
  expect(answer).toMatchObject({ verdict: { kind: "new" }, merges: [{ loser: 20, master: 10 }] });
  expect(await lab.ask(10, { signature })).toEqual(answer);
});

test("a crash that takes a newer one back is a regression of one that was fixed, the first time as the second", async () => {
  await lab.ask(30, { signature });
  await lab.ask(20, { signature: "/usr/bin/x:11:bad:trace" });
  await lab.ask(10, { addressSignature: address });
  lab.statuses.set(10, { kind: "fixed", version: "1.0" });
  const answer = await lab.ask(20, { signature, addressSignature: address });
  expect(answer).toMatchObject({ verdict: { kind: "regression", of: 10 }, merges: [{ loser: 30, master: 20 }] });
  expect(await lab.ask(20, { signature, addressSignature: address })).toEqual(answer);
});

test("a stored crash whose better trace has another's signature becomes its duplicate, rows and all", async () => {
  await lab.ask(10, { signature });
  await lab.ask(20, { signature: "/usr/bin/x:11:bad:trace", addressSignature: address });
  expect((await lab.ask(20, { signature, addressSignature: address })).verdict).toEqual({
    kind: "duplicate",
    master: 10,
  });
  expect(await lab.duplicates.crash(20)).toBeNull();
  expect((await lab.duplicates.details(10))?.addressSignatures).toEqual([address]);
});

test("a stored crash with a better trace gets its new signature", async () => {
  await lab.ask(10, { signature: "/usr/bin/x:11:bad:trace" });
  expect((await lab.ask(10, { signature })).verdict).toEqual({ kind: "new" });
  expect((await lab.ask(11, { signature })).verdict).toEqual({ kind: "duplicate", master: 10 });
});

test("the look-up by address asks about its hit only and knows itself", async () => {
  await lab.ask(10, { signature, addressSignature: address });
  await lab.ask(20, { signature: "/usr/bin/other:11:a:b" });
  expect(await lab.duplicates.lookupAddress(question(11, "1.0"), lab.statusOf)).toBe(10);
  expect(lab.asked).toEqual([[10]]);
  expect(await lab.duplicates.lookupAddress(question(10, "1.0"), lab.statusOf)).toBeNull();
  lab.statuses.set(10, { kind: "fixed", version: "1.0" });
  expect(await lab.duplicates.lookupAddress(question(11, "1.0"), lab.statusOf)).toBeNull();
  lab.statuses.set(10, { kind: "invalid" });
  expect(await lab.duplicates.lookupAddress(question(11, "1.0"), lab.statusOf)).toBeNull();
  expect(await lab.duplicates.crash(10)).toBeNull();
});

test("a candidate that appears while the tracker is asked is asked about too", async () => {
  await lab.ask(10, { signature });
  const asked: (readonly number[])[] = [];
  const answer = await lab.duplicates.check(
    { id: 30, signature, addressSignature: null, packageVersion: "1.0" },
    async (ids) => {
      asked.push(ids);
      if (asked.length > 1) return new Map([[20, { kind: "open" }]]);
      await runPython(
        lab.path,
        `db.execute("INSERT INTO crashes VALUES ('${signature}', 20, NULL, CURRENT_TIMESTAMP)")`,
      );
      return new Map([[10, { kind: "invalid" }]]);
    },
  );
  expect(asked).toEqual([[10], [20]]);
  expect(answer.verdict).toEqual({ kind: "duplicate", master: 20 });
});

test("reports that are checked at the same time end up with one master", async () => {
  const ids = Array.from({ length: 20 }, (_, index) => 100 + index);
  const answers = await Promise.all(ids.map((id) => lab.ask(id, { signature, addressSignature: address })));
  const kinds = answers.map((answer) => answer.verdict.kind).sort();
  expect(kinds).toEqual([...Array.from({ length: 19 }, () => "duplicate"), "new"]);
});

function question(id: number, packageVersion: string) {
  return { id, addressSignature: address, packageVersion };
}
