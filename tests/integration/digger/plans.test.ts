import { expect, test } from "vitest";
import type { Traced } from "../../../src/retrace/types.ts";
import type { Edit, Tracker } from "../../../src/tracker/types.ts";
import { ourPlanPolicy } from "../../lab/plan-policy.ts";
import { type BatchLab, createBatchLab } from "./batch-lab.ts";

const stack = "inner\nouter\nmain";

async function apply(lab: BatchLab, id: number, edit: Edit): Promise<void> {
  expect(await lab.tracker.apply(id, edit)).toEqual({ kind: "done" });
}

/** A retrace whose traces are not useful. */
function poorly(lab: BatchLab): BatchLab["services"]["retrace"] {
  return async (crash, signal) => ({ ...((await lab.services.retrace(crash, signal)) as Traced), useful: false });
}

test("a master that wants a better trace gets its duplicate's, and both its tags go", async () => {
  await using lab = await createBatchLab();
  const master = await lab.submit(stack);
  await lab.run({}, { retrace: poorly(lab) });
  await apply(lab, master, { kind: "remove-attachments", names: ["Stacktrace.txt"] });
  await apply(lab, master, { kind: "add-tags", tags: ["apport-request-retrace"] });
  expect((await lab.tracker.show(master))?.header.tags).toContain("apport-failed-retrace");
  const duplicate = await lab.submit(stack);
  expect((await lab.run()).attempts).toMatchObject([{ crashId: duplicate, verdict: { kind: "duplicate", master } }]);
  const { header } = (await lab.tracker.show(master)) ?? {};
  expect(header?.fields.get("Stacktrace")).toContain("inner ()");
  expect(header?.tags.filter((tag) => tag.startsWith("apport-"))).toEqual([]);
});

test("a crash that is known by its addresses is retraced when its master wants a trace, and else not", async () => {
  await using lab = await createBatchLab();
  const known = { StacktraceAddressSignature: "/usr/bin/app:11:/a+1:/b+2:/c+3" };
  const master = await lab.submit(stack, known);
  await lab.run();
  await lab.submit(stack, known);
  await lab.run();
  expect(lab.retraced).toEqual([stack]);
  await apply(lab, master, { kind: "add-tags", tags: ["apport-request-retrace"] });
  const asDuplicate = { kind: "duplicate", master };
  const damaged = await lab.submit("damaged", known);
  expect((await lab.run()).attempts).toMatchObject([{ crashId: damaged, verdict: asDuplicate }]);
  expect(await lab.tracker.tagsOf(master)).toContain("apport-request-retrace");
  const whole = await lab.submit(stack, known);
  expect((await lab.run()).attempts).toMatchObject([{ crashId: whole, verdict: asDuplicate }]);
  expect(lab.retraced).toEqual([stack, "damaged", stack]);
  expect(await lab.tracker.tagsOf(master)).not.toContain("apport-request-retrace");
});

test("a master is escalated with its tenth duplicate, or a later one when it was missed", async () => {
  await using lab = await createBatchLab();
  const planPolicy = { ...ourPlanPolicy, escalation: { tag: "often-reported", team: null, from: 10 } };
  const tagsOfMaster = async () => (await lab.tracker.show(1))?.header.tags ?? [];
  for (let count = 0; count < 10; count++) await lab.submit(stack);
  await lab.run({}, { planPolicy });
  expect(await tagsOfMaster()).not.toContain("often-reported");
  await lab.submit(stack);
  await lab.run();
  expect(await tagsOfMaster()).not.toContain("often-reported");
  await lab.submit(stack);
  await lab.run({}, { planPolicy });
  expect(await tagsOfMaster()).toContain("often-reported");
});

test("a duplicate's tag for a pattern goes to its master, and one for the duplicate check comes off", async () => {
  await using lab = await createBatchLab();
  const master = await lab.submit(stack);
  const duplicate = await lab.submit(stack);
  await apply(lab, duplicate, { kind: "add-tags", tags: ["bugpattern-needed", "need-duplicate-check"] });
  await lab.run();
  expect((await lab.tracker.show(master))?.header.tags).toEqual(["bugpattern-needed"]);
  expect((await lab.tracker.show(duplicate))?.header.tags).toEqual(["bugpattern-needed"]);
});

/** The lab's tracker, edit by edit, and a person who is quicker than one of this kind: makes one crash a duplicate of another. */
function quicker(lab: BatchLab, kind: Edit["kind"], master: number, of: number): Tracker {
  const apply: Tracker["apply"] = async (id, edit, memory) => {
    if (edit.kind === kind) await lab.tracker.apply(master, { kind: "mark-duplicate", of });
    return await lab.tracker.apply(id, edit, { maybeDone: memory?.maybeDone ?? true });
  };
  return { ...lab.tracker, apply };
}

test("a master that has become a duplicate of this very crash meanwhile: nothing is done, and it is decided anew", async () => {
  await using lab = await createBatchLab();
  const [master, crash] = [await lab.submit(stack), await lab.submit(stack)];
  await lab.run({ limit: 1 });
  await lab.run({}, { tracker: quicker(lab, "check-master", master, crash) });
  const left = await lab.tracker.show(crash);
  expect(left).toMatchObject({ comments: [], duplicates: [master], header: { hasCore: true, duplicateOf: null } });
  expect(await lab.state.countOpenEntries()).toBe(0);
  expect((await lab.run()).attempts).toMatchObject([{ crashId: crash, verdict: { kind: "new" } }]);
  expect(await lab.tracker.pending("amd64")).toEqual([]);
});

test("and when that happens after it was stripped: it stays open and private, says so, and wants its duplicates' trace", async () => {
  await using lab = await createBatchLab();
  const [master, crash] = [await lab.submit(stack), await lab.submit(stack)];
  await lab.run({ limit: 1 });
  await lab.run({}, { tracker: quicker(lab, "mark-duplicate", master, crash) });
  const left = await lab.tracker.show(crash);
  expect(left).toMatchObject({ duplicates: [master], header: { duplicateOf: null, isPrivate: true, hasCore: false } });
  expect(left?.comments.map(({ subject }) => subject)).toEqual([
    "This crash is a duplicate",
    "Not a duplicate after all",
  ]);
  expect(left?.header.tags).toEqual(["apport-failed-retrace"]);
  expect(await lab.state.countOpenEntries()).toBe(0);
  expect(await lab.state.asideOf(crash)).toMatchObject({ kind: "dead", markTag: "need-amd64-retrace" });
  expect((await lab.run()).attempts).toEqual([]);
});

test("whoever is killed when the master is lost gives the plan up in the next batch, and publishes nothing", async () => {
  await using lab = await createBatchLab();
  const [master, crash] = [await lab.submit(stack), await lab.submit(stack)];
  await lab.run({ limit: 1 });
  const killed = { ...lab.state, replaceEdits: () => Promise.reject(new Error("killed here")) };
  const tracker = quicker(lab, "mark-duplicate", master, crash);
  await expect(lab.run({}, { tracker, state: killed })).rejects.toThrow("killed here");
  await lab.run();
  expect((await lab.tracker.show(crash))?.header).toMatchObject({ isPrivate: true, tags: ["apport-failed-retrace"] });
});

test("a report that names no release leaves the work list, is touched no further, and status shows it", async () => {
  await using lab = await createBatchLab();
  const id = await lab.submit(stack, { DistroRelease: undefined });
  const whyNotOurs = async (release: string | null) =>
    release === null ? "the report does not name its release" : null;
  const { attempts } = await lab.run({}, { whyNotOurs });
  expect(attempts).toMatchObject([{ crashId: id, verdict: { kind: "no-release" } }]);
  expect(await lab.tracker.show(id)).toMatchObject({ comments: [], header: { tags: [], hasCore: true } });
  expect(await lab.state.asideOf(id)).toMatchObject({ kind: "dead", reason: "the report does not name its release" });
});

test("a release without package sources is left alone, with its mark", async () => {
  await using lab = await createBatchLab();
  const id = await lab.submit(stack);
  await lab.run({}, { whyNotOurs: async () => "no package sources are configured for Debian 12" });
  expect(await lab.tracker.pending("amd64")).toEqual([id]);
});

test("a release that is not ours comes before whatever else is wrong with a report", async () => {
  await using lab = await createBatchLab();
  const id = await lab.submit(stack, { ProblemType: "KernelCrash" });
  await apply(lab, id, { kind: "remove-core" });
  const whyNotOurs = async () => "no package sources are configured for it";
  expect((await lab.run({}, { whyNotOurs })).attempts).toMatchObject([{ verdict: { kind: "not-ours" } }]);
  expect((await lab.tracker.show(id))?.header).toMatchObject({
    status: { kind: "open" },
    tags: ["need-amd64-retrace"],
  });
});

test("a person's importance and title stay", async () => {
  await using lab = await createBatchLab();
  const id = await lab.submit(stack, { Title: "It goes away when I print" });
  await apply(lab, id, { kind: "set-importance", importance: "High" });
  await lab.run();
  expect((await lab.tracker.show(id))?.header).toMatchObject({
    title: "It goes away when I print",
    importance: "High",
  });
});

test("a comment is made from the team's own text", async () => {
  await using lab = await createBatchLab();
  await lab.submit("damaged");
  const invalid = { subject: "Sorry, #{id}", body: "Wir können das nicht lesen: {reason}" };
  await lab.run({}, { planPolicy: { ...ourPlanPolicy, texts: { ...ourPlanPolicy.texts, invalid } } });
  expect((await lab.tracker.show(1))?.comments).toMatchObject([
    { subject: "Sorry, #1", body: "Wir können das nicht lesen: the core dump is cut off" },
  ]);
});
