import { afterEach, beforeEach, expect, test } from "vitest";
import { ServiceFailure } from "../../../../src/system/failure.ts";
import { type LaunchpadLab, startLaunchpad } from "../../../lab/launchpad/start-launchpad.ts";
import { trackerOn } from "../../../lab/tracker/launchpad-client.ts";

const tags = ["apport-crash", "need-amd64-retrace"];

let lab: LaunchpadLab;
beforeEach(async () => {
  lab = await startLaunchpad({ pageSize: 2, shuffleTies: true });
});
afterEach(() => lab.close());

test("a bug with several tasks is one crash, over all pages, lowest id first", async () => {
  const several = ["ubuntu", "ubuntu/+source/app", "ubuntu/noble/+source/app", "coreutils"];
  const ids = [lab.addBug({ tags, tasks: several }), lab.addBug({ tags }), lab.addBug({ tags, tasks: several })];
  expect(await trackerOn(lab).tracker.pending("amd64")).toEqual(ids);
});

test("a bug that is open for an older series only does not wait: it is done with where it counts", async () => {
  const series = { target: "ubuntu/noble/+source/app" };
  lab.addBug({ tags, tasks: [{ target: "ubuntu/+source/app", status: "Fix Released" }, series] });
  lab.addBug({ tags, tasks: [series] });
  expect(await trackerOn(lab).tracker.pending("amd64")).toEqual([]);
});

test("private bugs that a public token does not see are not on the list", async () => {
  const ids = [lab.addBug({ tags }), lab.addBug({ tags, private: true }), lab.addBug({ tags })];
  expect(await trackerOn(lab).tracker.pending("amd64")).toEqual(ids);
  const stranger = trackerOn(lab, { token: { permission: "READ_PUBLIC" } }).tracker;
  expect(await stranger.pending("amd64")).toEqual([ids[0], ids[2]]);
});

test("a project has its own bugs, and no other's", async () => {
  const own = lab.addBug({ tags, tasks: ["coreutils"] });
  lab.addBug({ tags, tasks: ["ubuntu/+source/coreutils"] });
  const { tracker } = trackerOn(lab, { target: { kind: "project", name: "coreutils" } });
  expect(await tracker.pending("amd64")).toEqual([own]);
  expect(await tracker.apply(own, { kind: "set-package", sourcePackage: "coreutils" })).toMatchObject({
    kind: "dropped",
  });
  expect(await tracker.apply(own, { kind: "set-status", status: { kind: "invalid" } })).toEqual({ kind: "done" });
  expect(await tracker.statusOf([own])).toEqual(new Map([[own, { kind: "invalid" }]]));
});

test("a distribution that is not there is a failure that says which setting to look at", async () => {
  const { tracker } = trackerOn(lab, { target: { kind: "distribution", name: "no-such-thing" } });
  const failure = await tracker.pending("amd64").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect((failure as ServiceFailure).remedy).toContain("tracker.distribution");
});

test("the status of a crash that the list showed needs no request of its own", async () => {
  const fixed = { target: "ubuntu/+source/lib", status: "Fix Released", importance: "High" };
  const id = lab.addBug({ tags, tasks: [fixed, { target: "ubuntu/+source/app", importance: "Low" }] });
  const { tracker } = trackerOn(lab);
  await tracker.pending("amd64");
  lab.forgetRequests();
  expect(await tracker.header(id)).toMatchObject({ header: { status: { kind: "open" }, importance: "Low" } });
  expect(lab.requests()).toHaveLength(2);
});
