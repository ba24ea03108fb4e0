import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DiggerServices } from "../../../src/digger/services.ts";
import { titleOfOurs } from "../../../src/tracker/launchpad/attachments.ts";
import { type LaunchpadLab, startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import { crashAsBug } from "../../lab/tracker/crash-as-bug.ts";
import { trackerOn } from "../../lab/tracker/launchpad-client.ts";
import { type BatchLab, createBatchLab } from "./batch-lab.ts";

let lab: LaunchpadLab;
let batch: BatchLab;
beforeEach(async () => {
  [lab, batch] = await Promise.all([startLaunchpad(), createBatchLab()]);
});
afterEach(async () => {
  await Promise.all([lab.close(), batch[Symbol.asyncDispose]()]);
});

const report = {
  ProblemType: "Crash",
  Architecture: "amd64",
  DistroRelease: "Ubuntu 25.10",
  ExecutablePath: "/usr/bin/app",
  Package: "app 1.0-1",
  SourcePackage: "app",
  Signal: "11",
  SignalName: "SIGSEGV",
  Title: "app crashed with SIGSEGV in ??()",
  Dependencies: Array.from({ length: 30 }, (_, at) => `lib${at} 1.0-${at}`).join("\n"),
};
const stack = "broken\nmiddle\nmain";
const addresses = "/usr/bin/app:11:/usr/bin/app+1:/usr/bin/app+2:/usr/bin/app+3";

/** Files a private bug on the package; its core is the stack that a retrace finds. */
function file(core: string, fields: Record<string, string> = {}): number {
  return lab.addBug({ ...crashAsBug({ ...report, ...fields }, Buffer.from(core)), tasks: ["ubuntu/+source/app"] });
}

/** One batch of a new process. @returns what each bug cost, requests for the whole batch aside. */
async function run(services: Partial<DiggerServices> = {}): Promise<ReadonlyMap<number, number>> {
  lab.forgetRequests();
  const { tracker } = trackerOn(lab);
  await batch.run({ jobs: 1 }, { tracker, ...services });
  return costs();
}

// A file's second request, at the librarian, names the attachment and not the bug.
function costs(): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  const bugOfFile = new Map<string, number>();
  for (const { path, route } of lab.requests()) {
    const [, bug, file] = /\/bugs\/(\d+)(?:\/\+attachment\/(\d+)\/data)?/.exec(path) ?? [];
    if (bug !== undefined && file !== undefined) bugOfFile.set(file, Number(bug));
    const of = route === "GET librarian" ? bugOfFile.get(path.split("/")[1] ?? "") : Number(bug);
    if (of !== undefined && !Number.isNaN(of)) counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  return counts;
}

describe("the end of a bug", () => {
  test("new: traces, no core, judged, with a better title, the team subscribed, and no tag", async () => {
    const id = file(stack, { StacktraceAddressSignature: addresses });
    await run();
    const bug = lab.bug(id);
    expect(bug.attachments.map(({ title }) => title)).toEqual([
      "Dependencies.txt",
      ...["Stacktrace.txt", "StacktraceTop.txt"].map(titleOfOurs),
    ]);
    expect(bug).toMatchObject({
      title: "app crashed with SIGSEGV in broken()",
      tags: ["apport-crash"],
      informationType: "Private",
      tasks: [{ target: "ubuntu/+source/app", status: "New", importance: "Medium" }],
      subscribers: ["somebody", "ubuntu-crashes-universe"],
    });
  });

  test("duplicate: thanked, stripped, public, and closed; again by its addresses", async () => {
    const master = file(stack, { StacktraceAddressSignature: addresses });
    const bySignature = file(stack);
    const byAddresses = file("never looked at", { StacktraceAddressSignature: addresses });
    await run();
    for (const id of [bySignature, byAddresses]) {
      const bug = lab.bug(id);
      expect(bug).toMatchObject({ duplicateOf: master, tags: ["apport-crash"], informationType: "Public" });
      expect(bug.attachments.map(({ title }) => title)).toEqual(["Dependencies.txt"]);
      const words = bug.comments.filter(({ content }) => content !== "");
      expect(words).toMatchObject([{ content: expect.stringContaining(`[crash-digger:duplicate:${id}:${master}]`) }]);
    }
    expect(batch.retraced).toEqual([stack, stack]);
  });

  test("damaged: invalid, told why, no core", async () => {
    const id = file("damaged");
    await run();
    expect(lab.bug(id)).toMatchObject({ tasks: [{ status: "Invalid" }], tags: ["apport-crash"] });
    expect(lab.bug(id).attachments.map(({ title }) => title)).toEqual(["Dependencies.txt"]);
  });

  test("a second batch finds nothing to do and changes nothing", async () => {
    for (const core of [stack, stack, "damaged"]) file(core);
    await run();
    const before = lab.dump();
    expect([...(await run())]).toEqual([]);
    expect(lab.dump()).toEqual(before);
  });
});

test("a core that breaks off on its way is fetched again, in the same batch", async () => {
  const id = file(stack);
  lab.fault({ fault: { kind: "truncated", afterBytes: 10 }, route: "GET librarian", path: /CoreDump/ });
  await run();
  expect(lab.faultsUsed()).toEqual({ truncated: 1 });
  expect(lab.bug(id)).toMatchObject({ tags: ["apport-crash"], tasks: [{ importance: "Medium" }] });
});

describe("what a bug costs in requests, each attachment and the team's subscription included", () => {
  const known = { StacktraceAddressSignature: addresses };
  const ofNoTeam = { DistroRelease: "Debian 13" };

  // This lab's traces have no ThreadStacktrace and no StacktraceSource, which cost a request each.
  test("a new one: 13, two of them for traces that are not made here", async () => {
    const id = file(stack, known);
    expect([...(await run())]).toEqual([[id, 11]]);
  });

  test("a duplicate: 10, without a subscription 9; a master that this batch has not seen 2 for all of them", async () => {
    const master = file(stack, known);
    await run();
    const ids = [file(stack), file(stack, ofNoTeam)] as const;
    const counts = await run();
    expect(counts.get(ids[0])).toBe(10);
    expect(counts.get(ids[1])).toBe(9);
    expect(counts.get(master)).toBe(2);
  });

  test("known by its addresses: 6, without a subscription 5; and the same for its master", async () => {
    const master = file(stack, known);
    await run();
    const ids = [file("not read", known), file("not read", { ...known, ...ofNoTeam })] as const;
    const counts = await run();
    expect(counts.get(ids[0])).toBe(6);
    expect(counts.get(ids[1])).toBe(5);
    expect(counts.get(master)).toBe(2);
  });
});
