import { afterEach, beforeEach, expect, test } from "vitest";
import type { PublicationSeed } from "../../../lab/launchpad/publish.ts";
import { type LaunchpadLab, startLaunchpad } from "../../../lab/launchpad/start-launchpad.ts";
import { trackerOn } from "../../../lab/tracker/launchpad-client.ts";

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
