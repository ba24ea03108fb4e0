import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DiggerServices } from "../../../src/digger/services.ts";
import { titleOfOurs } from "../../../src/tracker/launchpad/attachments.ts";
import { type LaunchpadLab, startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import type { Bug } from "../../lab/launchpad/state.ts";
import { ourPlanPolicy } from "../../lab/plan-policy.ts";
import { ageMasters } from "../../lab/tracker/age-masters.ts";
import { crashAsBug } from "../../lab/tracker/crash-as-bug.ts";
import { type TrackerOptions, trackerOn } from "../../lab/tracker/launchpad-client.ts";
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

/** One batch of a new process. @returns what each bug was asked, by routes; not what was asked for the whole batch. */
async function run(
  services: Partial<DiggerServices> = {},
  options: TrackerOptions = {},
): Promise<ReadonlyMap<number, readonly string[]>> {
  lab.forgetRequests();
  const { tracker, end } = trackerOn(lab, options);
  await batch.run({ jobs: 1 }, { tracker, ...services });
  end();
  return requestsByBug();
}

// A file's second request, at the librarian, names the attachment and not the bug; a task's address ends in `+bug/7`.
function requestsByBug(): ReadonlyMap<number, readonly string[]> {
  const routes = new Map<number, string[]>();
  const bugOfFile = new Map<string, number>();
  for (const { path, route } of lab.requests()) {
    const [, bug, file] = /\/(?:bugs|\+bug)\/(\d+)(?:\/\+attachment\/(\d+)\/data)?/.exec(path) ?? [];
    if (bug !== undefined && file !== undefined) bugOfFile.set(file, Number(bug));
    const of = route === "GET librarian" ? bugOfFile.get(path.split("/")[1] ?? "") : Number(bug);
    if (of !== undefined && !Number.isNaN(of)) routes.set(of, [...(routes.get(of) ?? []), route]);
  }
  return routes;
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

test("work is searched for on devel; bugs are read and changed at version 1.0, tasks where the search found them", async () => {
  file(stack);
  file(stack);
  await run();
  const versions = new Map<string, Set<string>>();
  for (const { route, path } of lab.requests()) {
    const version = path.split("/")[1] ?? "";
    if (!route.includes("librarian")) versions.set(route, (versions.get(route) ?? new Set()).add(version));
  }
  const devel = ["GET distribution searchTasks", "GET series list", "PATCH task"];
  const elsewhere = [...versions].filter(([route, found]) => !found.has(devel.includes(route) ? "devel" : "1.0"));
  expect([elsewhere, [...versions.values()].filter(({ size }) => size > 1)]).toEqual([[], []]);
  expect([...versions.keys()]).toEqual(
    expect.arrayContaining(["GET distribution searchTasks", "PATCH bug", "PATCH task"]),
  );
});

test("a bug that vanishes between the search and the look at it is passed over, and the others are not", async () => {
  const [gone, other] = [file(stack), file(stack)];
  const change = () => lab.removeBug(gone);
  lab.fault({ fault: { kind: "meanwhile", change }, route: "GET bug", path: new RegExp(`/bugs/${gone}$`) });
  const routes = await run();
  expect(lab.faultsUsed()).toEqual({ meanwhile: 1 });
  expect(routes.get(gone)?.filter((route) => !route.startsWith("GET "))).toEqual([]);
  expect(lab.bug(other)).toMatchObject({ tags: ["apport-crash"], duplicateOf: null });
});

test("a core that breaks off on its way is fetched again, in the same batch", async () => {
  const id = file(stack);
  lab.fault({ fault: { kind: "truncated", afterBytes: 10 }, route: "GET librarian", path: /CoreDump/ });
  await run();
  expect(lab.faultsUsed()).toEqual({ truncated: 1 });
  expect(lab.bug(id)).toMatchObject({ tags: ["apport-crash"], tasks: [{ importance: "Medium" }] });
});

describe("what a bug costs in requests, its files at the librarian and the team's subscription included", () => {
  const known = { StacktraceAddressSignature: addresses };
  const read = ["GET bug", "GET attachments"];
  const fetched = ["GET attachment data", "GET librarian"];
  const removed = "POST attachment removeFromBug";
  const closed = ["POST bug newMessage", removed, "POST bug subscribe", "PATCH bug"];

  const searches = () => lab.requests().filter(({ url }) => url.includes("modified_since=")).length;
  let options: TrackerOptions & { readonly mastersPath: string };
  beforeEach(() => {
    options = { mastersPath: join(dirname(batch.statePath), "cache", "masters.json") };
  });

  /** Time passes, in which nobody changes this master. */
  async function passes(hours: number, master: number): Promise<void> {
    const ms = hours * 3_600_000;
    await ageMasters(options.mastersPath, ms);
    lab.age(master, ms);
  }

  /** A retrace on a machine that has not all of the crash's files: it reads which packages it may come from. */
  const withoutFiles: DiggerServices["retrace"] = async (crash, signal) => {
    await crash.laterFields?.();
    return await batch.services.retrace(crash, signal);
  };

  // This lab's traces have no ThreadStacktrace and no StacktraceSource, which cost a request each.
  test("a new one: 14, two of them for traces that are not made here; 12 where its files are known", async () => {
    const ids = [file(stack, known), file("other\nmain")] as const;
    const first = await run({ retrace: withoutFiles });
    const traces = ["POST bug addAttachment", "POST bug addAttachment"];
    const ends = [removed, "PATCH task", "POST bug subscribe", "PATCH bug"];
    expect(first.get(ids[0])).toEqual([...read, ...fetched, ...fetched, ...traces, ...ends]);
    const third = file("third\nmain");
    expect((await run()).get(third)).toEqual([...read, ...fetched, ...traces, ...ends]);
  });

  test("a duplicate: 10, and 8 where its files are known, also when gdb takes minutes", async () => {
    const of = file(stack, known);
    await run({}, options);
    const [first, second] = [file(stack), file(stack)];
    const counts = await run({}, options);
    expect(counts.get(first)).toEqual([...read, ...fetched, ...closed]);
    expect(counts.get(second)).toHaveLength(8);
    let waitedMs = 0;
    const clock = { now: () => new Date(), monotonicMs: () => performance.now() + waitedMs };
    const slowly: DiggerServices["retrace"] = async (crash, signal) => {
      waitedMs += 5 * 60_000;
      return await withoutFiles(crash, signal);
    };
    const third = file(stack);
    const later = await run({ retrace: slowly }, { ...options, clock });
    expect(later.get(third)).toEqual([...read, ...fetched, ...fetched, ...closed]);
    expect(later.get(of)).toBeUndefined();
  });

  test("known by its addresses: 6, in its master's batch, in the next one, and hours later", async () => {
    const of = file(stack, known);
    const batchOfThree = async (hours: number) => {
      if (hours > 0) await passes(hours, of);
      const ids = Array.from({ length: 3 }, () => file("not read", known));
      const counts = await run({}, options);
      expect(ids.map((id) => counts.get(id))).toEqual(ids.map(() => [...read, ...closed]));
      return { ofMaster: counts.get(of)?.filter((route) => route.startsWith("GET ")), searches: searches() };
    };
    expect(await batchOfThree(0)).toEqual({ ofMaster: [...read, ...fetched], searches: 0 });
    // For an hour the search for what has changed names what the first batch has changed itself; the other says that it is plain.
    expect(await batchOfThree(0)).toEqual({ ofMaster: undefined, searches: 2 });
    expect(await batchOfThree(2)).toEqual({ ofMaster: undefined, searches: 2 });
    expect(await batchOfThree(2)).toEqual({ ofMaster: undefined, searches: 1 });
    expect(await batchOfThree(23)).toEqual({ ofMaster: undefined, searches: 1 });
  });

  describe("what its master costs", () => {
    let of: number;
    beforeEach(async () => {
      of = file(stack, known);
      await run({}, options);
    });

    test("what has changed since it was seen, but wants no trace and is no duplicate: nothing", async () => {
      await passes(2, of);
      lab.edit(of, (bug) => void Object.assign(bug, { title: "It crashes", tags: ["seen-by-somebody"] }));
      const ids = [file("not read", known), file(stack)];
      const counts = await run({}, options);
      expect(ids.map((id) => counts.get(id))).toEqual([
        [...read, ...closed],
        [...read, ...fetched, ...closed],
      ]);
      expect([counts.get(of), searches()]).toEqual([undefined, 2]);
      expect(ids.map((id) => lab.bug(id).duplicateOf)).toEqual([of, of]);
    });

    test("what is invalid now: nothing", async () => {
      await passes(2, of);
      lab.edit(of, (bug) => bug.tasks.forEach((task) => void Object.assign(task, { status: "Invalid" })));
      const id = file(stack, known);
      expect((await run({}, options)).get(of)).toBeUndefined();
      expect(lab.bug(id).duplicateOf).toBeNull();
    });

    test.each<readonly [string, (bug: Bug) => void, "closed" | "new"]>([
      ["wants a trace now", (bug) => void Object.assign(bug, { tags: ["apport-request-retrace"] }), "closed"],
      ["is a duplicate now", (bug) => void Object.assign(bug, { duplicateOf: 1 }), "new"],
    ])("what %s: 1 at least", async (_, change, end) => {
      await passes(2, of);
      lab.edit(of, change);
      const id = file(stack, known);
      const counts = await run({}, options);
      expect(counts.get(of)?.slice(0, 1)).toEqual(["GET bug"]);
      expect(counts.get(of)).not.toContain("GET bug_tasks");
      expect(lab.bug(id).duplicateOf).toBe(end === "closed" ? of : null);
      expect(lab.bug(of).tags).not.toContain("apport-request-retrace");
    });

    test("a fix in one package, while it is open in another, is seen from the beginning", async () => {
      const tasks = [{ target: "ubuntu/+source/lib", status: "Fix Released" }, { target: "ubuntu/+source/app" }];
      const other = { StacktraceAddressSignature: "/usr/bin/app:11:/usr/bin/app+5:/usr/bin/app+6:/usr/bin/app+7" };
      const fixed = lab.addBug({ ...crashAsBug({ ...report, ...other }, Buffer.from("other\nmain")), tasks });
      await run({}, options);
      const id = file("not read", other);
      const counts = await run({}, options);
      expect(counts.get(fixed)).toBeUndefined();
      expect(lab.bug(id).duplicateOf).toBeNull();
    });

    test("one that nobody has met, or of which the file cannot be read: 2, once", async () => {
      await writeFile(options.mastersPath, '{"format":2,"target":"ubuntu","masters":[{"id":');
      const ids = [file("not read", known), file("not read", known)];
      const counts = await run({}, options);
      expect(ids.map((id) => counts.get(id)?.length)).toEqual([6, 6]);
      expect([counts.get(of), searches()]).toEqual([["GET bug", "GET bug_tasks"], 0]);
    });

    test("its number of duplicates: 1 from half-way on to where it is told of them, whoever has added them", async () => {
      const planPolicy = { ...ourPlanPolicy, escalation: { tag: "often", team: null, from: 6 } };
      const costs: unknown[] = [];
      for (let duplicates = 1; duplicates <= 4; duplicates += 1) {
        await passes(2, of);
        file("not read", known);
        costs.push((await run({ planPolicy }, options)).get(of));
      }
      expect(costs).toEqual([undefined, undefined, undefined, ["GET bug"]]);
      const byHand = file(stack);
      lab.edit(byHand, (bug) => void Object.assign(bug, { tags: [], duplicateOf: of }));
      expect(lab.bug(of).tags).not.toContain("often");
      file("not read", known);
      await run({ planPolicy }, options);
      expect(lab.bug(of).tags).toContain("often");
    });
  });

  test("each further file that a duplicate loses: 1, so 6 more for what Apport attaches", async () => {
    file(stack, known);
    await run({}, options);
    const long = (name: string) => Array.from({ length: 30 }, (_, at) => `${name} ${at}`).join("\n");
    const names = ["Stacktrace", "ThreadStacktrace", "ProcMaps", "ProcStatus", "Registers", "Disassembly"];
    const id = file("not read", { ...known, ...Object.fromEntries(names.map((name) => [name, long(name)])) });
    const routes = (await run({}, options)).get(id) ?? [];
    expect(routes.filter((route) => route === removed)).toHaveLength(7);
    expect(routes).toHaveLength(12);
    expect(lab.bug(id).attachments.map(({ title }) => title)).toEqual(["Dependencies.txt"]);
  });
});
