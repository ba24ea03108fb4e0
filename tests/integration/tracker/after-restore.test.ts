import { readdirSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyDatabase } from "../../../src/database/copy-database.ts";
import { settleRestoredTracker } from "../../../src/tracker/local/after-restore.ts";
import { type LocalTracker, openLocalTracker } from "../../../src/tracker/local/local-tracker.ts";
import { writeCrash } from "../../lab/tracker/crash-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "after-restore-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function withTracker<T>(work: (tracker: LocalTracker) => Promise<T>): Promise<T> {
  const tracker = await openLocalTracker(join(folder, "tracker"));
  try {
    return await work(tracker);
  } finally {
    await tracker.close();
  }
}

async function file(tracker: LocalTracker): Promise<number> {
  const report = writeCrash(folder, "x.crash", { binaries: { CoreDump: Buffer.from("a core") } });
  const result = await tracker.submit(report, { hostArchitecture: "amd64" });
  if (result.kind === "refused") throw new Error(result.fault.message);
  return result.id;
}

const asOf = new Date("2026-11-28T03:00:00Z");

/** Puts the database back as it was in `old.db`. */
async function putBack(highestKnown = 0) {
  const settled = { asOf, now: new Date(), highestKnown };
  const losses = await settleRestoredTracker(join(folder, "old.db"), join(folder, "tracker", "files"), settled);
  await copyFile(join(folder, "old.db"), join(folder, "tracker", "tracker.db"));
  return losses;
}

test("a crash whose core was removed since is not waited for; its loss is told, once, and the next like it helps", async () => {
  await withTracker(file);
  await withTracker(file);
  await copyDatabase(join(folder, "tracker", "tracker.db"), join(folder, "old.db"));
  await withTracker((tracker) => tracker.apply(1, { kind: "remove-core" }));
  for (let turn = 0; turn < 2; turn += 1) {
    expect(await putBack()).toEqual({ coresGone: turn === 0 ? [1] : [], strayFiles: [] });
  }
  await withTracker(async (tracker) => {
    expect(await tracker.pending("amd64")).toEqual([2]);
    const crash = await tracker.show(1);
    expect(crash?.header).toMatchObject({ hasCore: false, status: { kind: "open" }, tags: ["apport-failed-retrace"] });
    expect(crash?.comments).toMatchObject([{ body: expect.stringContaining("2026-11-28T03:00:00.000Z") }]);
    expect(await tracker.openCore(2)).not.toBeNull();
  });
});

test("the number of a crash that was filed since is given to no other, and its files are named", async () => {
  await withTracker(file);
  await copyDatabase(join(folder, "tracker", "tracker.db"), join(folder, "old.db"));
  expect(await withTracker(file)).toBe(2);
  const { strayFiles } = await putBack(2);
  expect(strayFiles).toHaveLength(1);
  expect(readdirSync(join(folder, "tracker", "files"))).toEqual(expect.arrayContaining([...strayFiles]));
  expect(await withTracker(file)).toBe(1003);
});
