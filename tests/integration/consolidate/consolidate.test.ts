import { copyFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { openDuplicates } from "../../../src/duplicates/duplicates.ts";
import { ServiceFailure, TransientFailure } from "../../../src/system/failure.ts";
import type { LaunchpadLab } from "../../lab/launchpad/start-launchpad.ts";
import {
  type ConsolidationWorld,
  expectedVersions,
  makeConsolidationWorld,
  versionsStoredIn,
} from "../../lab/standing/consolidation-world.ts";
import { masterId } from "../../lab/standing/standing-bugs.ts";
import { statusesOnLaunchpad } from "../../lab/standing/statuses-on-launchpad.ts";
import { contentOf } from "../duplicates/lab.ts";

const search = "GET distribution searchTasks";
const dayMs = 24 * 3_600_000;

async function versionsIn(world: ConsolidationWorld): Promise<ReadonlyMap<number, string | null>> {
  return await versionsStoredIn(world.duplicatesPath);
}

function requestsTo(launchpad: LaunchpadLab): number {
  return launchpad.requests().length;
}

function markDuplicate(launchpad: LaunchpadLab, id: number, master: number): void {
  launchpad.edit(id, (bug) => {
    bug.duplicateOf = master;
  });
}

/** Numbers of bugs that were fixed in a version that is published. */
function fixedBugs(world: ConsolidationWorld): readonly number[] {
  return world.standing.bugs.filter(({ kind, says }) => kind === "fixed" && says.kind === "fixed").map(({ id }) => id);
}

/** Numbers of bugs of a kind. */
function bugsLike(world: ConsolidationWorld, kind: string): readonly number[] {
  return world.standing.bugs.filter((bug) => bug.kind === kind).map(({ id }) => id);
}

function setStatus(launchpad: LaunchpadLab, id: number, status: string): void {
  launchpad.edit(id, (bug) => {
    for (const task of bug.tasks) task.status = status;
  });
}

/** Files bugs, and stores their crashes as a batch does. */
async function fileNew({ launchpad, duplicatesPath }: ConsolidationWorld, ids: readonly number[]): Promise<void> {
  const batch = await openDuplicates(duplicatesPath);
  for (const id of ids) {
    launchpad.addBug({ id, tags: ["apport-crash"], tasks: ["ubuntu/+source/program1"] });
    const crash = { id, signature: `new-${id}`, addressSignature: null, packageVersion: "1" };
    await batch.check(crash, async () => new Map());
  }
  await batch.close();
}

test("the first consolidation leaves every crash as the tracker has it, and the next day's asks for what changed", async () => {
  await using world = await makeConsolidationWorld();
  const { launchpad } = world;
  const first = await world.run();
  expect(first).toMatchObject({ since: null, hidden: [], changedMeanwhile: [] });
  expect(await versionsIn(world)).toEqual(expectedVersions(world.standing.bugs));
  const [fixed = 0, closed = 0, other = 0] = bugsLike(world, "open");
  const [reopened = 0, master = 0] = fixedBugs(world);
  setStatus(launchpad, fixed, "Fix Released");
  setStatus(launchpad, closed, "Invalid");
  setStatus(launchpad, reopened, "Confirmed");
  markDuplicate(launchpad, other, master);
  launchpad.addBug({ id: 5, tags: ["apport-crash"], tasks: ["ubuntu/+source/program1"] });
  launchpad.forgetRequests();
  world.wait(dayMs);
  const next = await world.run();
  expect(next.since).not.toBeNull();
  const version = (await versionsIn(world)).get(fixed);
  expect(next.changes.map(({ id, becomes }) => [id, becomes])).toEqual(
    [
      [fixed, { kind: "fixed", version }],
      [closed, { kind: "removed" }],
      [other, { kind: "removed" }],
      [reopened, { kind: "open" }],
    ].sort(([left], [right]) => Number(left) - Number(right)),
  );
  expect(version).toMatch(/^1\./);
  expect(requestsTo(launchpad)).toBeLessThanOrEqual(6);
  launchpad.forgetRequests();
  world.wait(dayMs);
  expect((await world.run()).changes).toEqual([]);
  expect(requestsTo(launchpad)).toBe(1);
});

test("with a crash goes everything of it, and what a person or an older look has told of a version stays", async () => {
  await using world = await makeConsolidationWorld();
  const [fixed = 0, another = 0] = fixedBugs(world);
  const [unversioned = 0] = bugsLike(world, "fixed in the distribution");
  const [gone = 0] = bugsLike(world, "gone");
  const duplicates = await openDuplicates(world.duplicatesPath);
  await duplicates.setFixed(fixed, "0.1-1");
  await duplicates.setFixed(another, "");
  await duplicates.setFixed(unversioned, "0.2-1");
  await world.run();
  expect(await duplicates.crash(fixed)).toMatchObject({ fixedVersion: "0.1-1" });
  expect((await duplicates.crash(another))?.fixedVersion).toMatch(/^1\./);
  expect(await duplicates.crash(unversioned)).toMatchObject({ fixedVersion: "0.2-1" });
  expect(await duplicates.details(gone)).toBeNull();
  expect(await duplicates.problems()).toEqual([]);
  await duplicates.close();
});

test("a run that was interrupted changes nothing, and the next one goes on from there", async () => {
  await using world = await makeConsolidationWorld({ count: 1500 });
  const { launchpad } = world;
  const before = contentOf(world.duplicatesPath);
  const endFault = launchpad.fault({ route: search, nth: 3, times: 1000, fault: { kind: "status", status: 503 } });
  await expect(world.run()).rejects.toThrow(TransientFailure);
  expect(contentOf(world.duplicatesPath)).toBe(before);
  endFault();
  launchpad.forgetRequests();
  const logged = world.log.length;
  world.wait(3_600_000);
  const done = await world.run();
  const pages = world.log.slice(logged).filter((line) => line.includes("page of a search")).length;
  expect(pages).toBeGreaterThan(4);
  // Two of them were heard before.
  const asked = launchpad.requests().filter(({ route, url }) => route === search && !url.includes("ws.show"));
  expect(asked).toHaveLength(pages - 2);
  expect(await versionsIn(world)).toEqual(expectedVersions(world.standing.bugs));
  // What changed since the first answer is for the next run to hear.
  expect(done.heardAt.getTime()).toBeLessThan(Date.now());
});

test("who is away for two minutes is waited for", async () => {
  await using world = await makeConsolidationWorld({ count: 100 });
  world.launchpad.fault({ route: search, times: 6, fault: { kind: "status", status: 502 } });
  await world.run();
  expect(await versionsIn(world)).toEqual(expectedVersions(world.standing.bugs));
});

test("a dry run changes nothing, and what it heard is not asked again", async () => {
  await using world = await makeConsolidationWorld();
  const before = contentOf(world.duplicatesPath);
  const dry = await world.run({ dryRun: true });
  expect(contentOf(world.duplicatesPath)).toBe(before);
  world.launchpad.forgetRequests();
  const done = await world.run();
  expect(done.changes).toEqual(dry.changes);
  // But for what has changed since.
  const asked = world.launchpad.requests();
  expect(asked.map(({ route }) => route)).toEqual([search]);
  expect(asked[0]?.url).toContain("modified_since=");
});

test("what has happened since a dry run heard of it counts: on the tracker, and by a batch", async () => {
  await using world = await makeConsolidationWorld();
  const [reopened = 0, refreshed = 0] = bugsLike(world, "invalid");
  const dry = await world.run({ dryRun: true });
  expect(dry.changes.filter(({ id }) => [reopened, refreshed].includes(id)).map(({ becomes }) => becomes.kind)).toEqual(
    ["removed", "removed"],
  );
  setStatus(world.launchpad, reopened, "Confirmed");
  // A second is the least that the database's times tell apart.
  await delay(1100);
  const batch = await openDuplicates(world.duplicatesPath);
  // It looks as before, and somebody has had a look.
  const was = (await batch.crash(refreshed))?.fixedVersion ?? null;
  await batch.setFixed(refreshed, "7");
  if (was === null) await batch.reopen(refreshed);
  else await batch.setFixed(refreshed, was);
  const done = await world.run();
  expect(done.changedMeanwhile).toEqual([refreshed]);
  expect(await batch.crash(reopened)).not.toBeNull();
  expect(await batch.crash(refreshed)).not.toBeNull();
  await batch.close();
});

test("a run makes so many requests, and what is left is asked by the next ones, day by day", async () => {
  await using world = await makeConsolidationWorld({ count: 700, packages: 30, outdated: 300 });
  const { launchpad } = world;
  const most = 16;
  const expected = new Map(expectedVersions(world.standing.bugs));
  const portions: number[] = [];
  const filed = Array.from({ length: 20 }, (_, at) => 3_000_000 + at);
  let changed = 0;
  for (let left = true; left; world.wait(dayMs)) {
    launchpad.forgetRequests();
    const done = await world.run({ maxLosses: 700 }, statusesOnLaunchpad(launchpad, {}, [], most));
    expect(requestsTo(launchpad)).toBeLessThanOrEqual(most);
    portions.push(requestsTo(launchpad));
    changed += done.changes.length;
    left = done.postponed.length > 0;
    const versions = await versionsIn(world);
    const wrong = [...expected.keys()].filter((id) => versions.get(id) !== expected.get(id));
    expect(wrong.filter((id) => !done.postponed.includes(id))).toEqual([]);
    expect(launchpad.requests().filter(({ path }) => /\/bugs\/30000/.test(path))).toEqual([]);
    if (portions.length > 1) continue;
    // It is reopened before the next run acts on what was heard of it.
    const [reopened = 0] = done.postponed.filter((id) => fixedBugs(world).includes(id));
    setStatus(launchpad, reopened, "Confirmed");
    expected.set(reopened, null);
    // And others are filed: the pages that were read have none of them.
    await delay(1100);
    for (const id of filed) expected.set(id, null);
    await fileNew(world, filed);
  }
  expect(portions.length).toBeGreaterThan(2);
  expect(changed).toBeGreaterThan(200);
  expect(await versionsIn(world)).toEqual(expected);
  launchpad.forgetRequests();
  // From here on it is known until when everything is.
  expect((await world.run()).since).not.toBeNull();
  expect(requestsTo(launchpad)).toBeLessThanOrEqual(3);
});

test("bugs that slip through between two pages, because others leave the search, are looked at by themselves", async () => {
  await using world = await makeConsolidationWorld({ count: 1500 });
  const leaving = bugsLike(world, "open").slice(5, 8);
  const change = (): void => {
    for (const id of leaving) markDuplicate(world.launchpad, id, masterId);
  };
  world.launchpad.fault({ route: search, nth: 2, fault: { kind: "meanwhile", change } });
  await world.run();
  expect(await versionsIn(world)).toEqual(expectedVersions(world.standing.bugs));
  world.wait(60_000);
  const next = await world.run();
  expect(next.changes.map(({ id }) => id)).toEqual(leaving);
});

test("a next page that is no address is a failure that names it, and changes nothing", async () => {
  await using world = await makeConsolidationWorld({ count: 310 });
  const before = await versionsIn(world);
  const fault = { kind: "changed-shape", field: "next_collection_link", to: "over there" } as const;
  world.launchpad.fault({ route: search, fault });
  const failure = await world.run().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect(String(failure)).toContain("over there");
  expect(await versionsIn(world)).toEqual(before);
});

test("a task that slips through between two pages leaves no bug half judged", async () => {
  await using world = await makeConsolidationWorld({ count: 310 });
  const { launchpad, standing } = world;
  // The bug whose two tasks stand around the end of the first page: given up in one place, open in the other.
  const onPage = standing.bugs.flatMap(({ id, isGone, duplicateOf, tags, tasks }) => {
    const isListed = !isGone && duplicateOf === null && tags.includes("apport-crash");
    return isListed ? tasks.filter(({ target }) => /^ubuntu(\/\+|$)/.test(target)).map(() => id) : [];
  });
  const atEdge = onPage[299] ?? 0;
  // One would not do: the next page begins with the last entry of this one.
  const leaving = bugsLike(world, "open")
    .filter((id) => id < atEdge)
    .slice(0, 2);
  expect(leaving).toHaveLength(2);
  launchpad.edit(atEdge, (bug) => {
    const [task] = bug.tasks;
    if (task === undefined) throw new Error("it has no task");
    bug.tasks.splice(0, bug.tasks.length, { ...task, target: "ubuntu/+source/program1", status: "Invalid" });
    bug.tasks.push({ ...task, target: "ubuntu/+source/program2", status: "New" });
  });
  const change = (): void => {
    for (const id of leaving) markDuplicate(launchpad, id, masterId);
  };
  launchpad.fault({ route: search, nth: 2, fault: { kind: "meanwhile", change } });
  await world.run();
  expect((await versionsIn(world)).get(atEdge)).toBeNull();
});

test("private crashes that a token for public bugs does not see stay as they are", async () => {
  await using world = await makeConsolidationWorld();
  const blind = statusesOnLaunchpad(world.launchpad, { token: { permission: "READ_PUBLIC" } });
  const done = await world.run({}, blind);
  const hidden = world.standing.bugs.filter(({ isPrivate, isGone }) => isPrivate || isGone);
  expect(hidden.length).toBeGreaterThan(100);
  expect([...done.hidden].sort()).toEqual(hidden.map(({ id }) => id).sort());
  const versions = await versionsIn(world);
  for (const { id, storedVersion } of hidden) expect(versions.get(id)).toBe(storedVersion);
});

test("one private bug on the last page is enough to see that private ones are kept from us", async () => {
  await using world = await makeConsolidationWorld({ count: 40 });
  const blind = statusesOnLaunchpad(world.launchpad, { token: { permission: "READ_PUBLIC" } });
  const done = await world.run({ maxLosses: 40 }, blind);
  expect(done.hidden).toContain(bugsLike(world, "open and private")[0]);
  expect(done.changes.filter(({ isAbsent }) => isAbsent)).toEqual([]);
});

test("an answer that would take most crashes away is not believed, until a person says how many are right", async () => {
  await using world = await makeConsolidationWorld({ count: 150 });
  const before = contentOf(world.duplicatesPath);
  for (const { id, isGone } of world.standing.bugs) if (!isGone) world.launchpad.removeBug(id);
  const failure = await world.run().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect(failure).toMatchObject({
    message: expect.stringMatching(/150 of 150 stored crashes would be removed.*150 of them the source does not know/),
    remedy: expect.stringMatching(/--dry-run.*--max-losses 150/),
  });
  expect(contentOf(world.duplicatesPath)).toBe(before);
  expect((await world.run({ dryRun: true })).refusal).toContain("150 of 150");
  expect((await world.run({ maxLosses: 150 })).changes).toHaveLength(150);
  expect((await versionsIn(world)).size).toBe(0);
});

test("a search that ends after its first page without a word is a failure, not a thousand questions", async () => {
  await using world = await makeConsolidationWorld({ count: 1500 });
  const fault = { kind: "changed-shape", field: "next_collection_link" } as const;
  world.launchpad.fault({ route: search, fault });
  await expect(world.run()).rejects.toThrow(/search broke off: it showed 300 tasks of 15\d\d/);
  expect(requestsTo(world.launchpad)).toBe(2);
  // What was heard of it is not believed again.
  await world.run();
  expect(await versionsIn(world)).toEqual(expectedVersions(world.standing.bugs));
});

test("a later search that ends after its first page is a failure too, and loses no change", async () => {
  await using world = await makeConsolidationWorld({ count: 1500 });
  await world.run();
  world.wait(dayMs);
  const changed = bugsLike(world, "open").slice(0, 700);
  for (const id of changed) setStatus(world.launchpad, id, "Opinion");
  const before = contentOf(world.duplicatesPath);
  world.launchpad.fault({ route: search, fault: { kind: "changed-shape", field: "next_collection_link" } });
  await expect(world.run()).rejects.toThrow(/search broke off/);
  expect(contentOf(world.duplicatesPath)).toBe(before);
});

test("another distribution by mistake: nothing is opened again", async () => {
  await using world = await makeConsolidationWorld({ count: 150 });
  const target = { kind: "project", name: "langpack-o-matic" } as const;
  await expect(world.run({}, statusesOnLaunchpad(world.launchpad, { target }))).rejects.toThrow("opened again");
});

test("a crash that a batch or a person changes while the tracker is asked is left to them", async () => {
  await using world = await makeConsolidationWorld({ count: 300 });
  const [invalid = 0] = bugsLike(world, "invalid");
  const [twice = 0] = bugsLike(world, "a duplicate");
  const batch = await openDuplicates(world.duplicatesPath);
  let changed: Promise<unknown> = Promise.resolve();
  const change = (): void => {
    changed = Promise.all([batch.setFixed(invalid, "5"), batch.changeMaster(twice, masterId)]);
  };
  world.launchpad.fault({ route: search, fault: { kind: "meanwhile", change } });
  const done = await world.run();
  await changed;
  expect([...done.changedMeanwhile].sort()).toEqual([invalid, twice].sort());
  expect(await batch.crash(invalid)).toMatchObject({ fixedVersion: "5" });
  expect(await batch.crash(masterId)).not.toBeNull();
  await batch.close();
});

test("a copy of the database that is put back brings its own watermark, and catches up", async () => {
  await using world = await makeConsolidationWorld();
  await world.run();
  await copyFile(world.duplicatesPath, `${world.duplicatesPath}.copy`);
  world.wait(dayMs);
  const [fixed = 0] = bugsLike(world, "open");
  setStatus(world.launchpad, fixed, "Fix Released");
  await world.run();
  world.wait(10 * dayMs);
  await world.run();
  const after = await versionsIn(world);
  await copyFile(`${world.duplicatesPath}.copy`, world.duplicatesPath);
  expect((await versionsIn(world)).get(fixed)).toBeNull();
  const caughtUp = await world.run();
  expect(caughtUp.since).not.toBeNull();
  expect(await versionsIn(world)).toEqual(after);
});

test("every crash is asked about when told so, by another way, and after a month", async () => {
  await using world = await makeConsolidationWorld({ count: 60 });
  const sinceOf = async (...run: Parameters<ConsolidationWorld["run"]>) => (await world.run(...run)).since;
  expect(await sinceOf({ maxLosses: 60 })).toBeNull();
  expect(await sinceOf()).not.toBeNull();
  expect(await sinceOf({ full: true })).toBeNull();
  const target = { kind: "project", name: "coreutils" } as const;
  expect(await sinceOf({ maxLosses: 60 }, statusesOnLaunchpad(world.launchpad, { target }))).toBeNull();
  expect(await sinceOf({ maxLosses: 60 })).toBeNull();
  world.wait(29 * dayMs);
  expect(await sinceOf()).not.toBeNull();
  world.wait(2 * dayMs);
  expect(await sinceOf()).toBeNull();
});
