import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CrashHeader, CrashId, Edit } from "../../../src/tracker/types.ts";
import type { SeededCrash, TrackerLab } from "./tracker-lab.ts";

const plain = {
  ProblemType: "Crash",
  Architecture: "amd64",
  DistroRelease: "Debian 12",
  ExecutablePath: "/usr/bin/sleep",
  Package: "coreutils 9.1-1",
  Signal: "11",
};
const core = Buffer.from("\x7fELF and then some bytes that are no text: \xff\xfe\x00", "latin1");
const withCore: SeededCrash = { fields: plain, core };
const withoutCore: SeededCrash = { fields: { ...plain, Traceback: "Traceback\nValueError: no" } };
const retraceMark = { kind: "retrace", architecture: "amd64" } as const;

/**
 * What every tracker has to do. A new one calls this with a maker of labs and passes.
 *
 * @param makeLab a fresh, empty tracker for each test.
 */
export function describeTracker(name: string, makeLab: () => Promise<TrackerLab>): void {
  describe(`tracker ${name}`, () => {
    let lab: TrackerLab;
    beforeEach(async () => {
      lab = await makeLab();
    });
    afterEach(() => lab.close());

    const header = async (id: CrashId): Promise<CrashHeader> => {
      const result = await lab.tracker.header(id);
      if (result.kind === "absent") throw new Error(`crash ${id} is absent`);
      return result.header;
    };
    const apply = (id: CrashId, edit: Edit) => lab.tracker.apply(id, edit);

    describe("work list", () => {
      test("a crash with a core waits for a retrace on its architecture, lowest id first", async () => {
        const first = await lab.seed(withCore);
        const foreign = await lab.seed({ fields: { ...plain, Architecture: "armhf" }, core });
        const second = await lab.seed(withCore);
        expect(await lab.tracker.pending("amd64")).toEqual([first, second]);
        expect(await lab.tracker.pending("armhf")).toEqual([foreign]);
        expect(await lab.tracker.pending("riscv64")).toEqual([]);
        expect(await lab.tracker.dupcheckOnly()).toEqual([]);
      });

      test("a crash without a core needs only a duplicate check", async () => {
        const first = await lab.seed(withoutCore);
        const second = await lab.seed(withoutCore);
        expect(await lab.tracker.dupcheckOnly()).toEqual([first, second]);
        expect(await lab.tracker.pending("amd64")).toEqual([]);
        expect((await header(first)).tags).toContain("need-duplicate-check");
      });

      test("the marks are shown as tags", async () => {
        expect((await header(await lab.seed(withCore))).tags).toContain("need-amd64-retrace");
      });

      test("removing the mark takes the crash off the list, once", async () => {
        const id = await lab.seed(withCore);
        expect(await apply(id, { kind: "remove-pending", mark: retraceMark })).toEqual({ kind: "done" });
        expect(await lab.tracker.pending("amd64")).toEqual([]);
        expect(await apply(id, { kind: "remove-pending", mark: retraceMark })).toEqual({ kind: "already" });
        expect((await header(id)).tags).not.toContain("need-amd64-retrace");
      });

      test("the mark of a duplicate check comes off in the same way", async () => {
        const id = await lab.seed(withoutCore);
        const edit: Edit = { kind: "remove-pending", mark: { kind: "duplicate-check" } };
        expect(await apply(id, edit)).toEqual({ kind: "done" });
        expect(await apply(id, edit)).toEqual({ kind: "already" });
        expect(await lab.tracker.dupcheckOnly()).toEqual([]);
      });

      test("a mark put on by hand makes a crash wait again", async () => {
        const id = await lab.seed(withCore);
        await apply(id, { kind: "remove-pending", mark: retraceMark });
        await apply(id, { kind: "add-tags", tags: ["need-amd64-retrace"] });
        expect(await lab.tracker.pending("amd64")).toEqual([id]);
      });

      test("closed crashes and duplicates do not wait", async () => {
        const [master, duplicate, invalid, fixed] = await seedMany(lab, 4);
        await apply(duplicate, { kind: "mark-duplicate", of: master });
        await apply(invalid, { kind: "set-status", status: { kind: "invalid" } });
        await lab.setStatus(fixed, { kind: "fixed", version: "" });
        expect(await lab.tracker.pending("amd64")).toEqual([master]);
      });
    });

    describe("report", () => {
      test("the header has the report's fields and no core", async () => {
        const found = await header(await lab.seed(withCore));
        expect(found.fields.get("ExecutablePath")).toBe("/usr/bin/sleep");
        expect(found.fields.get("Package")).toBe("coreutils 9.1-1");
        expect(found.fields.has("CoreDump")).toBe(false);
        expect(found).toMatchObject({ hasCore: true, status: { kind: "open" }, duplicateOf: null });
        expect(found.attachments.some((attachment) => attachment.name.startsWith("CoreDump"))).toBe(false);
      });

      test("long fields come back whole, as fields, at the latest for a retrace", async () => {
        const ProcMaps = Array.from(
          { length: 300 },
          (_, n) => `${n}000-${n}fff r-xp 00000000 08:01 1  /lib/x${n}.so`,
        ).join("\n");
        const id = await lab.seed({ ...withCore, fields: { ...plain, ProcMaps } });
        const later = (await lab.tracker.laterFields?.(id)) ?? [];
        expect(new Map([...(await header(id)).fields, ...later]).get("ProcMaps")).toBe(ProcMaps);
      });

      test("a title that the report brings is kept", async () => {
        const id = await lab.seed({ ...withCore, fields: { ...plain, Title: "sleep crashed with SIGSEGV in nap()" } });
        expect((await header(id)).title).toBe("sleep crashed with SIGSEGV in nap()");
      });

      test("the core's own bytes come as a stream, again and again", async () => {
        const id = await lab.seed(withCore);
        expect(await readCore(lab, id)).toEqual(core);
        expect(await readCore(lab, id)).toEqual(core);
      });

      test("without a core there is no stream", async () => {
        const id = await lab.seed(withoutCore);
        expect(await lab.tracker.openCore(id)).toBeNull();
        expect((await header(id)).hasCore).toBe(false);
      });

      test("a removed core is gone for good", async () => {
        const id = await lab.seed(withCore);
        expect(await apply(id, { kind: "remove-core" })).toEqual({ kind: "done" });
        expect(await lab.tracker.openCore(id)).toBeNull();
        expect((await header(id)).hasCore).toBe(false);
        expect(await apply(id, { kind: "remove-core" })).toEqual({ kind: "already" });
      });

      test("a core can be removed while somebody reads it", async () => {
        const big = Buffer.alloc(3_000_000, "core");
        const id = await lab.seed({ fields: plain, core: big });
        const stream = await lab.tracker.openCore(id);
        await apply(id, { kind: "remove-core" });
        expect(stream === null ? null : await buffer(stream)).toEqual(big);
      });
    });

    describe("edits", () => {
      async function withTop() {
        const id = await lab.seed({ fields: { ...withoutCore.fields, StacktraceTop: "old () at a.c:1" } });
        const attach = (text: string) => apply(id, { kind: "attach", name: "StacktraceTop.txt", text });
        return { id, attach };
      }

      test("a comment is made once for each marker", async () => {
        const id = await lab.seed(withCore);
        const comment = { kind: "comment", subject: "Retraced", body: "Here is the trace.\nIt is long." } as const;
        expect(await apply(id, { ...comment, marker: "plan-1" })).toEqual({ kind: "done" });
        expect(await apply(id, { ...comment, marker: "plan-1" })).toEqual({ kind: "already" });
        expect(await apply(id, { ...comment, marker: "plan-2" })).toEqual({ kind: "done" });
        const comments = await lab.comments(id);
        expect(comments).toHaveLength(2);
        for (const body of comments) expect(body).toContain("Here is the trace.\nIt is long.");
      });

      test("the same marker on another crash is another comment", async () => {
        const [first, second] = await seedMany(lab, 2);
        const edit: Edit = { kind: "comment", marker: "plan-1", subject: "s", body: "b" };
        await apply(first, edit);
        expect(await apply(second, edit)).toEqual({ kind: "done" });
      });

      test("a second client recognises the first one's comment", async () => {
        const id = await lab.seed(withCore);
        const edit: Edit = { kind: "comment", marker: "plan-1", subject: "s", body: "b" };
        await apply(id, edit);
        expect(await (await lab.again()).apply(id, edit)).toEqual({ kind: "already" });
      });

      test("an attached text is listed, is a field, and replaces one of its name", async () => {
        const { id, attach } = await withTop();
        expect(await attach("first () at a.c:1\n")).toEqual({ kind: "done" });
        expect(await attach("second () at a.c:1\n")).toEqual({ kind: "done" });
        expect(await attach("second () at a.c:1\n")).toEqual({ kind: "already" });
        const found = await header(id);
        expect(found.fields.get("StacktraceTop")).toBe("second () at a.c:1\n");
        expect(found.attachments.filter(({ name }) => name === "StacktraceTop.txt")).toHaveLength(1);
        expect([19, null]).toContain(found.attachments[0]?.sizeBytes);
      });

      test("an attachment that is no .txt is kept and is no field, or dropped with a note", async () => {
        const id = await lab.seed(withCore);
        const outcome = await apply(id, { kind: "attach", name: "Trace.json", text: '[{"ü":"\\u0000"}]' });
        const kept = outcome.kind === "dropped" ? null : '[{"ü":"\\u0000"}]';
        expect(await lab.attachmentText(id, "Trace.json")).toBe(kept);
        expect((await header(id)).fields.has("Trace")).toBe(false);
      });

      test("removed attachments are gone, and their fields with them", async () => {
        const { id, attach } = await withTop();
        await attach("nap () at a.c:1");
        await apply(id, { kind: "attach", name: "ThreadStacktrace.txt", text: "Thread 1" });
        const names = ["StacktraceTop.txt", "NeverThere.txt"];
        expect(await apply(id, { kind: "remove-attachments", names })).toEqual({ kind: "done" });
        expect(await apply(id, { kind: "remove-attachments", names })).toEqual({ kind: "already" });
        const found = await header(id);
        expect(found.attachments.map(({ name }) => name)).toEqual(["ThreadStacktrace.txt"]);
        expect(found.fields.get("StacktraceTop")).toBe("old () at a.c:1");
      });

      test("tags are added and removed, and others stay", async () => {
        const id = await lab.seed(withCore);
        const tags = ["regression-retracer", "bugpattern-needed"];
        expect(await apply(id, { kind: "add-tags", tags })).toEqual({ kind: "done" });
        expect(await apply(id, { kind: "add-tags", tags })).toEqual({ kind: "already" });
        expect(await apply(id, { kind: "add-tags", tags: ["bugpattern-needed", "noble"] })).toEqual({ kind: "done" });
        expect((await header(id)).tags).toEqual(
          expect.arrayContaining(["bugpattern-needed", "need-amd64-retrace", "noble", "regression-retracer"]),
        );
        expect(await apply(id, { kind: "remove-tags", tags: ["noble", "absent"] })).toEqual({ kind: "done" });
        expect(await apply(id, { kind: "remove-tags", tags: ["noble", "absent"] })).toEqual({ kind: "already" });
        expect((await header(id)).tags).not.toContain("noble");
        expect((await header(id)).tags).toContain("regression-retracer");
      });

      test("tags come sorted and once", async () => {
        const id = await lab.seed(withCore);
        await apply(id, { kind: "add-tags", tags: ["zesty", "artful", "zesty"] });
        const { tags } = await header(id);
        expect(tags).toEqual([...new Set(tags)].sort());
        expect(await lab.tracker.tagsOf(id)).toEqual(tags);
      });

      test("what they have left on a crash is told: the markers of comments, and whether a trace is there", async () => {
        const id = await lab.seed({ fields: { ...plain, Stacktrace: "#0  the reporter's own ()" }, core });
        expect(await lab.tracker.leftBehind(id)).toEqual({ markers: [], isTraced: false });
        for (const marker of ["crash-digger:invalid:7", "crash-digger:duplicate:7:3"])
          await apply(id, { kind: "comment", marker, subject: "s", body: "[crash-digger:duplicate:7:4] is no marker" });
        for (const name of ["Stacktrace.txt", "Trace.json"])
          await apply(id, { kind: "attach", name, text: "#0  main ()" });
        expect(await lab.tracker.leftBehind(id)).toEqual({
          markers: ["crash-digger:invalid:7", "crash-digger:duplicate:7:3"],
          isTraced: true,
        });
      });

      test("edits with nothing in them change nothing", async () => {
        const id = await lab.seed(withCore);
        expect(await apply(id, { kind: "add-tags", tags: [] })).toEqual({ kind: "already" });
        expect(await apply(id, { kind: "remove-tags", tags: [] })).toEqual({ kind: "already" });
        expect(await apply(id, { kind: "remove-attachments", names: [] })).toEqual({ kind: "already" });
      });

      test("a title is set", async () => {
        const id = await lab.seed(withCore);
        const edit: Edit = { kind: "set-title", title: "sleep crashed with SIGSEGV in nanosleep()" };
        expect(await apply(id, edit)).toEqual({ kind: "done" });
        expect(await apply(id, edit)).toEqual({ kind: "already" });
        expect((await header(id)).title).toBe("sleep crashed with SIGSEGV in nanosleep()");
      });

      test("an importance that people have set is left alone", async () => {
        const id = await lab.seed(withCore);
        const first = await apply(id, { kind: "set-importance", importance: "Medium", ifUndecided: true });
        if (first.kind === "dropped") return;
        expect(first).toEqual({ kind: "done" });
        expect(await apply(id, { kind: "set-importance", importance: "High" })).toEqual({ kind: "done" });
        const again: Edit = { kind: "set-importance", importance: "Medium", ifUndecided: true };
        expect(await apply(id, again)).toEqual({ kind: "already" });
        expect((await header(id)).importance).toBe("High");
      });

      test("a private crash is made public", async () => {
        const id = await lab.seed(withCore);
        const outcome = await apply(id, { kind: "set-private", private: true });
        if (outcome.kind === "dropped") return;
        expect((await header(id)).isPrivate).toBe(true);
        await apply(id, { kind: "remove-core" });
        expect(await apply(id, { kind: "set-private", private: false })).toEqual({ kind: "done" });
        expect((await header(id)).isPrivate).toBe(false);
      });

      test.each([true, false])("a comment that maybeDone (%s) speaks of is there once", async (maybeDone) => {
        const id = await lab.seed(withCore);
        const edit: Edit = { kind: "comment", marker: "plan-1", subject: "s", body: "b" };
        expect(await lab.tracker.apply(id, edit, { maybeDone })).toEqual({ kind: "done" });
        expect(await lab.tracker.apply(id, edit, { maybeDone: true })).toEqual({ kind: "already" });
        expect(await lab.comments(id)).toHaveLength(1);
      });

      const optional: readonly Edit[] = [
        { kind: "set-importance", importance: "Medium" },
        { kind: "set-private", private: false },
        { kind: "set-package", sourcePackage: "coreutils" },
        { kind: "subscribe", team: "crash-triage" },
      ];
      test.each(optional)("$kind is done once, or dropped with a note", async (edit) => {
        const id = await lab.seed(withCore);
        const first = await apply(id, edit);
        const second = await apply(id, edit);
        if (first.kind === "dropped") expect(first.note).not.toBe("");
        else expect([first.kind, second.kind]).toEqual(["done", "already"]);
      });
    });

    describe("status", () => {
      const statuses = [
        { kind: "fixed", version: "2:1.0-1" },
        { kind: "fixed", version: "2:1.0-2" },
        { kind: "invalid" },
        { kind: "open" },
        { kind: "fixed", version: "" },
      ] as const;

      test("open, fixed in a version, fixed in an unknown one, invalid", async () => {
        const id = await lab.seed(withCore);
        for (const status of statuses) {
          await lab.setStatus(id, status);
          expect((await lab.tracker.statusOf([id])).get(id)).toEqual(status);
          expect((await header(id)).status).toEqual(status);
        }
      });

      test("a crash is closed as invalid, once", async () => {
        const id = await lab.seed(withCore);
        const edit: Edit = { kind: "set-status", status: { kind: "invalid" } };
        expect(await apply(id, edit)).toEqual({ kind: "done" });
        expect(await apply(id, edit)).toEqual({ kind: "already" });
        expect((await lab.tracker.statusOf([id])).get(id)).toEqual({ kind: "invalid" });
        expect((await header(id)).status).toEqual({ kind: "invalid" });
      });

      test.each(statuses)("set-status $kind is done once, or dropped with a note", async (status) => {
        const id = await lab.seed(withCore);
        await lab.setStatus(id, status.kind === "open" ? { kind: "invalid" } : { kind: "open" });
        const outcome = await apply(id, { kind: "set-status", status });
        if (outcome.kind === "dropped") return expect(outcome.note).not.toBe("");
        expect(await apply(id, { kind: "set-status", status })).toEqual({ kind: "already" });
        expect((await header(id)).status).toEqual(status);
      });

      test("many at once: gone ones and duplicates are invalid", async () => {
        const [master, duplicate, other] = await seedMany(lab, 3);
        await apply(duplicate, { kind: "mark-duplicate", of: master });
        const statuses = await lab.tracker.statusOf([duplicate, lab.absentId, other, master, other]);
        expect(new Map(statuses)).toEqual(
          new Map([
            [master, { kind: "open" }],
            [duplicate, { kind: "invalid" }],
            [other, { kind: "open" }],
            [lab.absentId, { kind: "invalid" }],
          ]),
        );
        expect((await lab.tracker.statusOf([])).size).toBe(0);
      });
    });

    describe("duplicates", () => {
      test("a crash becomes a duplicate, once", async () => {
        const [master, duplicate] = await seedMany(lab, 2);
        expect(await apply(duplicate, { kind: "mark-duplicate", of: master })).toEqual({ kind: "done" });
        expect(await apply(duplicate, { kind: "mark-duplicate", of: master })).toEqual({ kind: "already" });
        expect((await header(duplicate)).duplicateOf).toBe(master);
        expect((await header(master)).duplicateOf).toBeNull();
      });

      test("a master that is a duplicate stands for its own master", async () => {
        const [root, middle, leaf] = await seedMany(lab, 3);
        await apply(middle, { kind: "mark-duplicate", of: root });
        expect(await apply(leaf, { kind: "mark-duplicate", of: middle })).toEqual({ kind: "done" });
        expect((await header(leaf)).duplicateOf).toBe(root);
        expect(await apply(leaf, { kind: "mark-duplicate", of: middle })).toEqual({ kind: "already" });
      });

      test("duplicates follow their master to its new master", async () => {
        const [root, middle, leaf] = await seedMany(lab, 3);
        await apply(leaf, { kind: "mark-duplicate", of: middle });
        expect(await apply(middle, { kind: "mark-duplicate", of: root })).toEqual({ kind: "done" });
        expect((await header(leaf)).duplicateOf).toBe(root);
        expect((await header(middle)).duplicateOf).toBe(root);
      });

      test("a crash is never its own master, directly or in a circle", async () => {
        const [first, second] = await seedMany(lab, 2);
        expect((await apply(first, { kind: "mark-duplicate", of: first })).kind).toBe("dropped");
        await apply(second, { kind: "mark-duplicate", of: first });
        expect((await apply(first, { kind: "mark-duplicate", of: second })).kind).toBe("dropped");
        expect((await header(first)).duplicateOf).toBeNull();
        expect((await header(second)).duplicateOf).toBe(first);
      });

      test("what is planned behind an edit may be done with it, and changes nothing in its turn", async () => {
        const [first, second] = await seedMany(lab, 2);
        const next: readonly Edit[] = [
          { kind: "comment", marker: "one", subject: "Duplicate", body: "Said once." },
          { kind: "remove-core" },
          { kind: "remove-pending", mark: retraceMark },
        ];
        const marked = await lab.tracker.apply(
          second,
          { kind: "mark-duplicate", of: first },
          { maybeDone: false, next },
        );
        expect(marked.kind).toBe("done");
        for (const edit of next) await apply(second, edit);
        for (const edit of next) expect((await apply(second, edit)).kind).toBe("already");
        expect((await lab.comments(second)).filter((body) => body.includes("Said once."))).toHaveLength(1);
        expect(await header(second)).toMatchObject({ duplicateOf: first, hasCore: false });
        expect((await header(second)).tags).not.toContain("need-amd64-retrace");
      });

      test.each(["check-master", "mark-duplicate"] as const)(
        "nothing that is planned behind %s is done when a duplicate makes no sense any more",
        async (kind) => {
          const [first, second] = await seedMany(lab, 2);
          await apply(second, { kind: "mark-duplicate", of: first });
          const next: readonly Edit[] = [{ kind: "remove-core" }, { kind: "remove-pending", mark: retraceMark }];
          const marked = await lab.tracker.apply(first, { kind, of: second }, { maybeDone: false, next });
          expect(marked.kind).toBe("dropped");
          expect(await header(first)).toMatchObject({ duplicateOf: null, hasCore: true });
          expect((await header(first)).tags).toContain("need-amd64-retrace");
        },
      );

      test("there is no duplicate of a crash that is gone", async () => {
        const id = await lab.seed(withCore);
        const outcome = await apply(id, { kind: "mark-duplicate", of: lab.absentId });
        expect(outcome.kind).toBe("dropped");
        expect((await header(id)).duplicateOf).toBeNull();
      });

      test("whether there is a master can be asked before, and changes nothing", async () => {
        const [root, middle, leaf] = await seedMany(lab, 3);
        await apply(middle, { kind: "mark-duplicate", of: root });
        for (const of of [root, middle])
          expect(await apply(leaf, { kind: "check-master", of })).toEqual({ kind: "done" });
        expect((await header(leaf)).duplicateOf).toBeNull();
        for (const of of [middle, root, lab.absentId])
          expect((await apply(root, { kind: "check-master", of })).kind).toBe("dropped");
        expect(await apply(lab.absentId, { kind: "check-master", of: root })).toEqual({ kind: "absent" });
      });
    });

    describe("what a duplicate means for its master", () => {
      const attachments = [{ name: "Stacktrace.txt", text: "#0  0x1 in better ()" }];
      const wanted = ["apport-failed-retrace", "apport-request-retrace"];
      const giveTrace: Edit = { kind: "give-trace", ifTagged: wanted, attachments };

      async function pair(): Promise<readonly [master: CrashId, duplicate: CrashId]> {
        const [master, duplicate] = await seedMany(lab, 2);
        await apply(duplicate, { kind: "mark-duplicate", of: master });
        return [master, duplicate];
      }

      test.each(wanted)("a master tagged %s gets the trace, once, and loses the tag", async (tag) => {
        const [master, duplicate] = await pair();
        await apply(master, { kind: "add-tags", tags: [tag, "noble"] });
        expect(await apply(duplicate, giveTrace)).toEqual({ kind: "done" });
        expect(await apply(duplicate, giveTrace)).toEqual({ kind: "already" });
        expect(await lab.attachmentText(master, "Stacktrace.txt")).toBe("#0  0x1 in better ()");
        expect((await header(master)).tags).not.toContain(tag);
        expect((await header(master)).tags).toContain("noble");
        expect(await lab.attachmentText(duplicate, "Stacktrace.txt")).toBeNull();
      });

      test("a master with a good trace keeps its own", async () => {
        const [master, duplicate] = await pair();
        await apply(master, { kind: "attach", name: "Stacktrace.txt", text: "its own" });
        expect(await apply(duplicate, giveTrace)).toEqual({ kind: "already" });
        expect(await lab.attachmentText(master, "Stacktrace.txt")).toBe("its own");
      });

      test("the master adopts the named tags that the duplicate has, and no others", async () => {
        const [master, duplicate] = await pair();
        await apply(duplicate, { kind: "add-tags", tags: ["bugpattern-needed", "of-the-reporter"] });
        const edit: Edit = { kind: "adopt-tags", tags: ["bugpattern-needed", "bugpattern-written"] };
        expect(await apply(duplicate, edit)).toEqual({ kind: "done" });
        expect(await apply(duplicate, edit)).toEqual({ kind: "already" });
        const { tags } = await header(master);
        expect(tags).toContain("bugpattern-needed");
        expect(tags).not.toContain("bugpattern-written");
        expect(tags).not.toContain("of-the-reporter");
      });

      test("a master is escalated at so many duplicates or more, once", async () => {
        const [master, first, second, third] = await seedMany(lab, 4);
        const edit: Edit = { kind: "escalate", tag: "often-reported", team: "crash-triage", from: 2 };
        await apply(first, { kind: "mark-duplicate", of: master });
        expect(await apply(first, edit)).toEqual({ kind: "already" });
        expect((await header(master)).tags).not.toContain("often-reported");
        await apply(second, { kind: "mark-duplicate", of: master });
        await apply(third, { kind: "mark-duplicate", of: master });
        expect(await apply(third, edit)).toEqual({ kind: "done" });
        expect(await apply(third, edit)).toEqual({ kind: "already" });
        expect((await header(master)).tags).toContain("often-reported");
      });

      test("who is going to be the master is told before the crash is its duplicate", async () => {
        const [root, middle, first, second] = await seedMany(lab, 4);
        await apply(middle, { kind: "mark-duplicate", of: root });
        await apply(root, { kind: "add-tags", tags: wanted });
        await apply(first, { kind: "add-tags", tags: ["bugpattern-needed"] });
        const escalate: Edit = { kind: "escalate", of: middle, tag: "often-reported", team: null, from: 3 };
        expect(await apply(first, { ...giveTrace, of: middle })).toEqual({ kind: "done" });
        expect(await apply(first, { kind: "adopt-tags", of: middle, tags: ["bugpattern-needed"] })).toEqual({
          kind: "done",
        });
        expect(await apply(first, escalate)).toEqual({ kind: "already" });
        expect(await lab.attachmentText(root, "Stacktrace.txt")).toBe("#0  0x1 in better ()");
        expect((await header(root)).tags).toContain("bugpattern-needed");
        await apply(first, { kind: "mark-duplicate", of: root });
        expect(await apply(first, escalate)).toEqual({ kind: "already" });
        expect(await apply(second, escalate)).toEqual({ kind: "done" });
        expect((await apply(root, { ...escalate, of: first })).kind).toBe("dropped");
        expect((await apply(second, { ...giveTrace, of: lab.absentId })).kind).toBe("dropped");
      });

      test("the master is the one it has now, after chains were shortened", async () => {
        const [root, middle, leaf] = await seedMany(lab, 3);
        await apply(middle, { kind: "mark-duplicate", of: root });
        await apply(leaf, { kind: "mark-duplicate", of: middle });
        await apply(root, { kind: "add-tags", tags: wanted });
        expect(await apply(leaf, giveTrace)).toEqual({ kind: "done" });
        expect(await lab.attachmentText(root, "Stacktrace.txt")).toBe("#0  0x1 in better ()");
      });

      const edits: readonly Edit[] = [
        giveTrace,
        { kind: "adopt-tags", tags: ["bugpattern-needed"] },
        { kind: "escalate", tag: "often-reported", team: null, from: 1 },
      ];
      test.each(edits)("$kind on a crash that is no duplicate is dropped", async (edit) => {
        const id = await lab.seed(withCore);
        const outcome = await apply(id, edit);
        expect(outcome.kind === "dropped" ? outcome.note : "").not.toBe("");
        expect(await apply(lab.absentId, edit)).toEqual({ kind: "absent" });
      });
    });

    describe("a crash that is gone", () => {
      test("has no header, no core, no tags and nothing of ours", async () => {
        expect(await lab.tracker.header(lab.absentId)).toEqual({ kind: "absent" });
        expect(await lab.tracker.openCore(lab.absentId)).toBeNull();
        expect(await lab.tracker.tagsOf(lab.absentId)).toEqual([]);
        expect(await lab.tracker.leftBehind(lab.absentId)).toEqual({ markers: [], isTraced: false });
      });

      const edits: readonly Edit[] = [
        { kind: "comment", marker: "m", subject: "s", body: "b" },
        { kind: "attach", name: "Stacktrace.txt", text: "t" },
        { kind: "remove-attachments", names: ["Stacktrace.txt"] },
        { kind: "remove-core" },
        { kind: "add-tags", tags: ["noble"] },
        { kind: "remove-tags", tags: ["noble"] },
        { kind: "set-status", status: { kind: "invalid" } },
        { kind: "set-title", title: "t" },
        { kind: "mark-duplicate", of: 1 },
        { kind: "remove-pending", mark: retraceMark },
      ];
      test.each(edits)("$kind answers absent", async (edit) => {
        expect(await apply(lab.absentId, edit)).toEqual({ kind: "absent" });
      });
    });
  });
}

async function readCore(lab: TrackerLab, id: CrashId): Promise<Buffer | null> {
  const stream = await lab.tracker.openCore(id);
  return stream === null ? null : await buffer(stream);
}

type Ids = [CrashId, CrashId, CrashId, CrashId];

async function seedMany(lab: TrackerLab, count: number): Promise<Ids> {
  const ids: CrashId[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await lab.seed(withCore));
  return ids as Ids;
}
