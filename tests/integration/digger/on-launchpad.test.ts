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

// A core's two requests are the redirect, which names the bug, and the librarian, which does not.
function costs(): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  let bug = 0;
  for (const { path, route } of lab.requests()) {
    const named = /\/bugs\/(\d+)/.exec(path)?.[1];
    if (named !== undefined) bug = Number(named);
    if (named !== undefined || route === "GET librarian") counts.set(bug, (counts.get(bug) ?? 0) + 1);
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

describe("what a bug costs in requests, its packages and the team's subscription included", () => {
  const known = { StacktraceAddressSignature: addresses };

  test("a new one at most 15", async () => {
    const id = file(stack, known);
    expect((await run()).get(id)).toBeLessThanOrEqual(15);
  });

  test("a duplicate at most 12, and 2 for a look at a master that this batch has not seen", async () => {
    const master = file(stack, known);
    await run();
    const id = file(stack);
    expect([...(await run())]).toEqual([
      [id, 12],
      [master, 2],
    ]);
  });

  test("one that is known by its addresses at most 10, and 2 for a master that this batch has not seen", async () => {
    const master = file(stack, known);
    await run();
    const ids = [file("not read", known), file("not read", known)] as const;
    const counts = await run();
    // What both ask is asked by the one that comes first; the second is begun while the first is settled.
    expect((counts.get(ids[0]) ?? 0) + (counts.get(ids[1]) ?? 0)).toBe(20);
    expect(counts.get(master)).toBe(2);
  });
});
