import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lineLog } from "../../../../src/system/log.ts";
import { EarlierMasters } from "../../../../src/tracker/launchpad/earlier-masters.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../lab/temporary.ts";

const hourMs = 3_600_000;
const begin = new Date("2026-11-29T12:00:00Z").getTime();

let folder: TemporaryFolder;
let path: string;
let now: number;
let log: string[];
let asked: Date[];
beforeEach(async () => {
  folder = await temporaryFolder("masters");
  path = join(folder.path, "launchpad", "masters.json");
  [now, log, asked] = [begin, [], []];
});
afterEach(async () => await folder.remove());

const clock = { now: () => new Date(now), monotonicMs: () => now };

/** What a new process knows. */
function opened(target = "ubuntu"): EarlierMasters {
  return new EarlierMasters({ path, target, clock, log: lineLog((line) => log.push(line), clock, false) });
}

const master = { id: 7, tags: ["apport-crash"], duplicates: 3, summary: { kind: "open" } } as const;

function noted(): void {
  const masters = opened();
  masters.note(master);
  masters.save();
}

/** What is recalled of bug 7 when these have changed. */
async function recalled(masters: EarlierMasters, changed: readonly number[] = []) {
  return await masters.recall(7, async (since) => {
    asked.push(since);
    return changed;
  });
}

test("what one batch has read the next one knows, after one search that reaches back an hour further", async () => {
  noted();
  now += 2 * hourMs;
  const masters = opened();
  expect(await recalled(masters)).toMatchObject(master);
  expect(await recalled(masters)).toMatchObject(master);
  expect(asked).toEqual([new Date(begin - hourMs)]);
  masters.countDuplicate(7);
  masters.save();
  now += hourMs;
  expect(await recalled(opened())).toMatchObject({ ...master, duplicates: 4 });
  expect(asked[1]).toEqual(new Date(begin + hourMs));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("what a search says has changed is not known any more, nor what this batch has changed itself", async () => {
  noted();
  expect(await recalled(opened(), [5, 7])).toBeUndefined();
  const masters = opened();
  masters.forget(7);
  expect(await recalled(masters)).toBeUndefined();
  expect(asked).toHaveLength(1);
});

test("in a batch that takes long the search is made again", async () => {
  noted();
  const masters = opened();
  await recalled(masters);
  now += 11 * 60_000;
  expect(await recalled(masters, [7])).toBeUndefined();
  expect(asked).toHaveLength(2);
});

test.each([
  ["six hours without a batch that asked", 7 * hourMs],
  ["a clock that was set back", -hourMs],
])("nothing is known after %s", async (_, ms) => {
  noted();
  now += ms;
  expect(await recalled(opened())).toBeUndefined();
  expect(asked).toEqual([]);
});

test("a master is read anew once a day, however often it was asked whether it has changed", async () => {
  noted();
  for (let hours = 4; hours <= 20; hours += 4) {
    now = begin + hours * hourMs;
    const masters = opened();
    expect(await recalled(masters)).toBeDefined();
    masters.save();
  }
  now += 4 * hourMs;
  expect(await recalled(opened())).toBeUndefined();
});

test("who has only looked writes nothing", async () => {
  opened().save();
  expect(existsSync(path)).toBe(false);
});

test("another target's masters, and a file that is none of ours, are nothing", async () => {
  noted();
  expect(await recalled(opened("debian"))).toBeUndefined();
  writeFileSync(path, "\u0000".repeat(1000));
  expect(await recalled(opened())).toBeUndefined();
});

test("a place where nothing can be kept is told in the log, and is no failure", () => {
  writeFileSync(join(folder.path, "launchpad"), "");
  noted();
  expect(log).toEqual([expect.stringMatching(/what was seen of masters cannot be kept .*masters\.json/)]);
});
