import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lineLog } from "../../../../src/system/log.ts";
import { EarlierMasters } from "../../../../src/tracker/launchpad/earlier-masters.ts";
import type { Summary } from "../../../../src/tracker/launchpad/summary.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../lab/temporary.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
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

const open: Summary = { kind: "open" };
const bug = { tags: ["apport-crash"], duplicates: 3 };

function noted(seen = bug, agoMs = 0): void {
  const masters = opened();
  masters.note(7, seen, { summary: open, agoMs });
  masters.save();
}

type Changed = readonly (readonly [id: number, summary: Summary])[];

/** What is recalled of a bug when some have changed and tell this now, and these of them are plain. */
async function recalled(masters: EarlierMasters, changed: Changed = [], plain: readonly number[] = [], id = 7) {
  const answer = async <T>(since: Date, found: T): Promise<T> => {
    asked.push(since);
    return found;
  };
  return await masters.recall(id, {
    changedSince: (since) => answer(since, new Map(changed)),
    plainSince: (since) => answer(since, new Set(plain)),
  });
}

test("what one batch has read the next one knows, after one search that reaches back an hour further", async () => {
  noted();
  now += minuteMs;
  const masters = opened();
  expect(await recalled(masters)).toMatchObject({ bug, summary: open });
  expect(await recalled(masters)).toMatchObject({ bug, summary: open });
  expect(asked).toEqual([new Date(begin - hourMs)]);
  masters.countDuplicate(7);
  masters.save();
  now += hourMs;
  expect(await recalled(opened())).toMatchObject({ bug: { ...bug, duplicates: 4 } });
  expect(asked[1]).toEqual(new Date(begin + minuteMs - hourMs));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

describe("of what has changed the search tells what its tasks tell", () => {
  const invalid: Summary = { kind: "invalid" };
  const changed: Changed = [
    [5, open],
    [7, invalid],
  ];

  test("and a second one which of it is plain, so that nothing else matters", async () => {
    noted({ ...bug, tags: ["apport-crash", "apport-request-retrace"] });
    now += minuteMs;
    const masters = opened();
    expect(await recalled(masters, changed, [5, 7])).toMatchObject({ bug, summary: invalid });
    expect(asked).toEqual([new Date(begin - hourMs), new Date(begin - hourMs)]);
    masters.save();
    expect(await recalled(opened())).toMatchObject({ bug, summary: invalid });
  });

  test("and the rest has to be read where it is not", async () => {
    noted();
    now += minuteMs;
    const masters = opened();
    expect(await recalled(masters, changed, [5])).toMatchObject({ bug: null, summary: invalid });
    masters.note(7, { ...bug, duplicates: 1 }, null);
    masters.save();
    expect(await recalled(opened())).toMatchObject({ bug: { duplicates: 1 }, summary: invalid });
  });

  test("and no second search is made where nothing of it is ours", async () => {
    noted();
    now += minuteMs;
    expect(await recalled(opened(), changed.slice(0, 1))).toMatchObject({ bug, summary: open });
    expect(asked).toHaveLength(1);
  });
});

test("what this batch has changed itself is not known", async () => {
  noted();
  const masters = opened();
  masters.forget(7);
  expect(await recalled(masters)).toBeUndefined();
});

test("what was seen at the beginning of a long batch is not believed at its end, and the search reaches back to it", async () => {
  noted(bug, 20 * minuteMs);
  expect(await recalled(opened())).toMatchObject({ bug });
  expect(asked).toEqual([new Date(begin - 20 * minuteMs - hourMs)]);
});

test("the later word of what tasks tell counts", async () => {
  noted();
  now += hourMs;
  const masters = opened();
  await recalled(masters, [[7, { kind: "invalid" }]]);
  masters.note(7, bug, { summary: open, agoMs: minuteMs });
  expect(await recalled(masters)).toMatchObject({ summary: { kind: "invalid" } });
  now += 2 * minuteMs;
  masters.note(7, bug, { summary: open, agoMs: minuteMs });
  expect(await recalled(masters)).toMatchObject({ summary: open });
});

test("what this batch changes while it asks is newer than the answer", async () => {
  noted();
  now += hourMs;
  const masters = opened();
  const invalid: Summary = { kind: "invalid" };
  const found = await masters.recall(7, {
    changedSince: async () => {
      now += 1;
      masters.note(7, bug, { summary: invalid, agoMs: 0 });
      return new Map([[7, open]]);
    },
    plainSince: async () => new Set<number>(),
  });
  expect(found).toMatchObject({ bug, summary: invalid });
});

test("in a batch that takes long the search is made again", async () => {
  noted();
  now += hourMs;
  const masters = opened();
  await recalled(masters);
  now += 11 * minuteMs;
  expect(await recalled(masters, [[7, open]])).toMatchObject({ bug: null });
  expect(asked).toHaveLength(3);
});

test.each([
  ["a day without a batch that asked", 25 * hourMs],
  ["a clock that was set back", -hourMs],
])("nothing is known after %s", async (_, ms) => {
  noted();
  now += ms;
  expect(await recalled(opened())).toBeUndefined();
  expect(asked).toEqual([]);
});

test("the bug is read anew once a week, however often it was asked whether it has changed; its tasks are not", async () => {
  noted();
  for (let days = 0.5; days <= 6.5; days += 0.5) {
    now = begin + days * 24 * hourMs;
    const masters = opened();
    expect(await recalled(masters)).toMatchObject({ bug });
    masters.save();
  }
  now += 12 * hourMs;
  expect(await recalled(opened())).toMatchObject({ bug: null, summary: open });
});

test("three thousand are kept, those that were asked for last", async () => {
  const masters = opened();
  for (let id = 7; id < 3_010; id += 1) masters.note(id, bug, { summary: open, agoMs: 0 });
  await recalled(masters);
  masters.save();
  const later = opened();
  expect(await recalled(later)).toBeDefined();
  const others = [8, 10, 11].map((id) => recalled(later, [], [], id));
  expect((await Promise.all(others)).map((each) => each?.id)).toEqual([undefined, undefined, 11]);
});

test("a bug of which nobody knows what its tasks tell is not noted, and who has only looked writes nothing", async () => {
  const masters = opened();
  masters.note(7, bug, null);
  expect(await recalled(masters)).toBeUndefined();
  masters.save();
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
