import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openKeptAnswers } from "../../../src/maintenance/consolidate/kept-answers.ts";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { temporaryFolder } from "../../lab/temporary.ts";

const purpose = { source: "a", since: null };
const now = new Date("2026-11-28T12:00:00Z");
const later = new Date("2026-11-28T13:00:00Z");

test("answers are there for the next run to the same end, with the time of the first, and gone when they are removed", async () => {
  await using folder = await temporaryFolder("answers");
  const path = join(folder.path, "deep", "answers");
  openKeptAnswers(path, purpose, now).note("page 1", [1, "x"]);
  const again = openKeptAnswers(path, purpose, later);
  expect(again.begunAt).toEqual(now);
  expect(again.recall("page 1")).toEqual([1, "x"]);
  expect(again.recall("page 2")).toBeUndefined();
  again.note("page 2", null);
  expect(openKeptAnswers(path, purpose, later).recall("page 2")).toBeNull();
  again.remove();
  expect(openKeptAnswers(path, purpose, later)).toMatchObject({ begunAt: later });
});

test.each([
  ["another source", { source: "b", since: null }, later],
  ["another time", { source: "a", since: now }, later],
  ["three weeks later", purpose, new Date("2026-12-19T12:00:00Z")],
  ["a clock that was set back", purpose, new Date("2026-11-28T11:00:00Z")],
])("they are not for %s", async (_name, otherPurpose, time) => {
  await using folder = await temporaryFolder("answers");
  const path = join(folder.path, "answers");
  openKeptAnswers(path, purpose, now).note("page 1", 1);
  const other = openKeptAnswers(path, otherPurpose, time);
  expect(other.recall("page 1")).toBeUndefined();
  expect(other.begunAt).toEqual(time);
});

test("a line that was cut off, or is none, is not counted, and what is added behind it is", async () => {
  await using folder = await temporaryFolder("answers");
  const path = join(folder.path, "answers");
  openKeptAnswers(path, purpose, now).note("page 1", 1);
  appendFileSync(path, '{"x":1}\n\u0000\n["page 2",[1,');
  const again = openKeptAnswers(path, purpose, later);
  again.note("page 3", 3);
  const third = openKeptAnswers(path, purpose, later);
  expect(["page 1", "page 2", "page 3"].map((key) => third.recall(key))).toEqual([1, undefined, 3]);
  writeFileSync(path, readFileSync(path).subarray(0, 10));
  expect(openKeptAnswers(path, purpose, later).recall("page 1")).toBeUndefined();
});

test("a folder that cannot be made is a failure with a remedy", async () => {
  await using folder = await temporaryFolder("answers");
  writeFileSync(join(folder.path, "file"), "");
  expect(() => openKeptAnswers(join(folder.path, "file", "answers"), purpose, now)).toThrow(ServiceFailure);
});
