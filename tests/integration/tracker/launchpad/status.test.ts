import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PublicationSeed } from "../../../lab/launchpad/publish.ts";
import { type LaunchpadLab, startLaunchpad } from "../../../lab/launchpad/start-launchpad.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../lab/temporary.ts";
import { ageMasters } from "../../../lab/tracker/age-masters.ts";
import { type TrackerOptions, trackerOn } from "../../../lab/tracker/launchpad-client.ts";

let lab: LaunchpadLab;
beforeEach(async () => {
  lab = await startLaunchpad();
});
afterEach(() => lab.close());

const fixed = { target: "ubuntu/+source/app", status: "Fix Released" };

async function statusOf(id: number) {
  return (await trackerOn(lab).tracker.statusOf([id])).get(id);
}

function publish(...publications: readonly Omit<PublicationSeed, "source">[]): void {
  for (const publication of publications) lab.publish({ source: "app", ...publication });
}

test("the fixed version is what people get in the series that is being made", async () => {
  publish(
    { series: "plucky", version: "9" },
    { series: "questing", version: "1" },
    { series: "questing", version: "2", pocket: "Updates" },
    { series: "questing", version: "3", pocket: "Proposed" },
    { series: "questing", version: "4", status: "Deleted" },
    { series: "questing", version: "5", status: "Superseded" },
  );
  lab.publish({ source: "app-extras", series: "questing", version: "6" });
  expect(await statusOf(lab.addBug({ tasks: [fixed] }))).toEqual({ kind: "fixed", version: "2" });
});

test("a fix in what nobody ships any more, or only in -proposed, is none to wait for", async () => {
  publish(
    { series: "questing", version: "3", pocket: "Proposed" },
    { series: "questing", version: "4", status: "Deleted" },
  );
  expect(await statusOf(lab.addBug({ tasks: [fixed] }))).toEqual({ kind: "invalid" });
});

test("fixed in several packages: nobody knows in which version", async () => {
  const other = { target: "ubuntu/+source/other", status: "Fix Released" };
  expect(await statusOf(lab.addBug({ tasks: [fixed, other] }))).toEqual({ kind: "fixed", version: "" });
});

test("a bug that a public token does not see is invalid, as one that is gone", async () => {
  const id = lab.addBug({ private: true });
  const { tracker } = trackerOn(lab, { token: { permission: "READ_PUBLIC" } });
  expect(await tracker.statusOf([id, 999])).toEqual(
    new Map([
      [id, { kind: "invalid" }],
      [999, { kind: "invalid" }],
    ]),
  );
});

describe("what an earlier batch has seen", () => {
  let folder: TemporaryFolder;
  let mastersPath: string;
  beforeEach(async () => {
    folder = await temporaryFolder("masters");
    mastersPath = join(folder.path, "masters.json");
  });
  afterEach(() => folder.remove());

  /** What a batch sees that comes an hour after the last one. */
  async function anHourLater(id: number, options: TrackerOptions = {}) {
    const { tracker, end } = trackerOn(lab, { ...options, mastersPath });
    const status = (await tracker.statusOf([id])).get(id);
    end();
    await ageMasters(mastersPath, 3_600_000);
    return status;
  }

  test("a project's series are part of it, also when a search tells how they stand", async () => {
    const options: TrackerOptions = { target: { kind: "project", name: "coreutils" } };
    const id = lab.addBug({ tasks: ["coreutils", "coreutils/trunk"] });
    expect(await anHourLater(id, options)).toEqual({ kind: "open" });
    lab.edit(id, ({ tasks }) => void Object.assign(tasks[1] ?? {}, { status: "Fix Released" }));
    lab.forgetRequests();
    expect(await anHourLater(id, options)).toEqual({ kind: "fixed", version: "" });
    const search = "GET project searchTasks";
    expect(lab.requests().map(({ route }) => route)).toEqual([search, search]);
  });

  test("a task that this batch has changed itself is as it is now", async () => {
    const id = lab.addBug({ tags: ["need-amd64-retrace"] });
    const { tracker, end } = trackerOn(lab, { mastersPath });
    await tracker.pending("amd64");
    expect((await tracker.statusOf([id])).get(id)).toEqual({ kind: "open" });
    await tracker.apply(id, { kind: "set-status", status: { kind: "invalid" } });
    expect((await tracker.statusOf([id])).get(id)).toEqual({ kind: "invalid" });
    await tracker.apply(id, { kind: "add-tags", tags: ["apport-failed-retrace"] });
    end();
    expect(await anHourLater(id)).toEqual({ kind: "invalid" });
  });
});
