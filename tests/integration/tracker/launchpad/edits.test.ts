import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { titleOfOurs } from "../../../../src/tracker/launchpad/attachments.ts";
import type { Edit, Tracker } from "../../../../src/tracker/types.ts";
import { type LaunchpadLab, startLaunchpad } from "../../../lab/launchpad/start-launchpad.ts";
import { trackerOn } from "../../../lab/tracker/launchpad-client.ts";

let lab: LaunchpadLab;
let tracker: Tracker;
beforeEach(async () => {
  lab = await startLaunchpad();
  tracker = trackerOn(lab).tracker;
});
afterEach(() => lab.close());

const fresh = { maybeDone: false };
const comment: Edit = { kind: "comment", marker: "crash-digger:invalid:7", subject: "Not possible", body: "Because." };
const stacktrace: Edit = { kind: "attach", name: "Stacktrace.txt", text: "#0  0x1 in nap ()\n" };
const done = { kind: "done" };

function titlesOf(id: number): readonly string[] {
  return lab.bug(id).attachments.map(({ title }) => title);
}

describe("when the answer to a change is lost", () => {
  test.each([
    ["POST bug newMessage", comment],
    ["POST bug addAttachment", stacktrace],
    ["PATCH bug", { kind: "add-tags", tags: ["noble"] }],
    ["PATCH task", { kind: "set-importance", importance: "Medium" }],
    ["POST bug subscribe", { kind: "subscribe", team: "apport-hackers" }],
  ] as const)("%s has its effect once", async (route, edit) => {
    const id = lab.addBug({});
    lab.fault({ fault: { kind: "lost-answer" }, route });
    expect(["done", "already"]).toContain((await tracker.apply(id, edit, fresh)).kind);
    expect(lab.faultsUsed()).toEqual({ "lost-answer": 1 });
    const bug = lab.bug(id);
    const counts = [bug.comments.length, bug.attachments.length, bug.tags.length, bug.subscribers.length - 1];
    expect(counts.filter((count) => count > 1)).toEqual([]);
    const before = lab.dump();
    expect(await tracker.apply(id, edit, { maybeDone: true })).toEqual({ kind: "already" });
    expect(lab.dump()).toEqual(before);
  });

  test("a removal counts as done", async () => {
    const id = lab.addBug({ attachments: [{ fileName: "CoreDump.gz", bytes: "core" }] });
    lab.fault({ fault: { kind: "lost-answer" }, route: /removeFromBug/ });
    expect(await tracker.apply(id, { kind: "remove-core" }, fresh)).toEqual(done);
    expect(lab.faultsUsed()).toEqual({ "lost-answer": 1 });
    expect(titlesOf(id)).toEqual([]);
  });
});

describe("comments", () => {
  test("the marker is the last line, short and for people to pass over", async () => {
    const id = lab.addBug({});
    await tracker.apply(id, comment, fresh);
    expect(lab.bug(id).comments).toEqual([
      { owner: "retracer", subject: "Not possible", content: "Because.\n\n[crash-digger:invalid:7]" },
    ]);
  });

  test("a first try looks for nothing: one request", async () => {
    const id = lab.addBug({});
    await tracker.apply(id, comment, fresh);
    expect(lab.hits()).toEqual({ "POST bug newMessage": 1 });
  });

  test("whoever ends a comment with a marker of ours has not made it ours", async () => {
    const id = lab.addBug({ comments: [{ content: "It is one.\n\n[crash-digger:duplicate:7:1]" }] });
    await tracker.apply(id, comment);
    expect(await tracker.leftBehind(id)).toEqual({ markers: ["crash-digger:invalid:7"], isTraced: false });
  });

  test("whoever quotes a marker in the middle of a comment does not keep ours from being made", async () => {
    const id = lab.addBug({ comments: [{ content: "> [crash-digger:invalid:7]\n\nWhat is this?" }] });
    expect(await tracker.apply(id, comment)).toEqual(done);
  });
});

describe("attachments", () => {
  test("those of an earlier retrace are replaced, the reporter's own stay", async () => {
    const id = lab.addBug({ attachments: [{ fileName: "Stacktrace.txt", bytes: "without symbols" }] });
    await tracker.apply(id, { ...stacktrace, text: "of an earlier retrace" }, fresh);
    await trackerOn(lab).tracker.apply(id, stacktrace, fresh);
    expect(titlesOf(id)).toEqual(["Stacktrace.txt", titleOfOurs("Stacktrace.txt")]);
    expect(lab.bug(id).attachments[1]).toMatchObject({ fileName: "Stacktrace.txt", sizeBytes: 18 });
  });

  test("a process that was killed between the new one and the removal of the old one leaves one in the end", async () => {
    const old = { fileName: "Stacktrace.txt", title: titleOfOurs("Stacktrace.txt"), bytes: "old" };
    const id = lab.addBug({
      attachments: [old, { ...old, bytes: stacktrace.kind === "attach" ? stacktrace.text : "" }],
    });
    expect(await tracker.apply(id, stacktrace)).toEqual({ kind: "already" });
    expect(lab.bug(id).attachments).toMatchObject([{ sizeBytes: 18 }]);
  });

  test.each(["Trace.json", "Registers.txt", "Signal.txt"])("%s is not for bugs", async (name) => {
    const id = lab.addBug({});
    expect((await tracker.apply(id, { kind: "attach", name, text: "x" }, fresh)).kind).toBe("dropped");
    expect(lab.requests()).toEqual([]);
  });
});

describe("tags, beside other people", () => {
  test("what somebody changes just before stays changed", async () => {
    const id = lab.addBug({ tags: ["need-amd64-retrace", "noble"] });
    await tracker.header(id);
    lab.edit(id, (bug) => {
      bug.tags = ["jammy", "need-amd64-retrace"];
    });
    await tracker.apply(id, { kind: "add-tags", tags: ["regression-retracer"] }, fresh);
    const mark = { kind: "retrace", architecture: "amd64" } as const;
    lab.fault({ fault: { kind: "concurrent-edit" }, route: "PATCH bug" });
    expect(await tracker.apply(id, { kind: "remove-pending", mark }, fresh)).toEqual(done);
    expect(lab.faultsUsed()).toEqual({ "concurrent-edit": 1 });
    const { tags } = lab.bug(id);
    expect(tags).toEqual(expect.arrayContaining(["jammy", "regression-retracer"]));
    expect(tags).not.toContain("need-amd64-retrace");
    expect(tags).not.toContain("noble");
  });

  test("what Launchpad would refuse as a tag is left out", async () => {
    const id = lab.addBug({});
    await tracker.apply(id, { kind: "add-tags", tags: ["Not A Tag", "noble"] });
    expect(lab.bug(id).tags).toEqual(["noble"]);
  });
});

describe("tasks", () => {
  test("the one on the bare distribution moves to the source package", async () => {
    const id = lab.addBug({ tasks: ["ubuntu", "coreutils"] });
    expect(await tracker.apply(id, { kind: "set-package", sourcePackage: "coreutils" })).toEqual(done);
    expect(lab.bug(id).tasks.map(({ target }) => target)).toEqual(["coreutils", "ubuntu/+source/coreutils"]);
  });

  test("unless the package has one, or the report names none", async () => {
    const id = lab.addBug({ tasks: ["ubuntu", "ubuntu/+source/coreutils"] });
    for (const sourcePackage of ["coreutils", "../../people/+me", "No Package"]) {
      expect((await tracker.apply(id, { kind: "set-package", sourcePackage })).kind).toBe("dropped");
    }
  });

  test("the first open one is closed as invalid", async () => {
    const id = lab.addBug({
      tasks: [{ target: "ubuntu", status: "Invalid" }, "ubuntu/+source/coreutils", "coreutils"],
    });
    expect(await tracker.apply(id, { kind: "set-status", status: { kind: "invalid" } })).toEqual(done);
    expect(lab.bug(id).tasks.map(({ status }) => status)).toEqual(["New", "Invalid", "Invalid"]);
  });

  test("an account that may not judge importance is told so, and the plan goes on", async () => {
    const { tracker: nobody } = trackerOn(lab, { token: { person: "reporter" } });
    const outcome = await nobody.apply(lab.addBug({}), { kind: "set-importance", importance: "Medium" });
    expect(outcome).toMatchObject({ kind: "dropped", note: expect.stringContaining("Bug Supervisor") });
  });
});

describe("the master of a duplicate", () => {
  test("adopts the names of series that are alive, and of no others", async () => {
    const master = lab.addBug({ tags: ["jammy"] });
    const id = lab.addBug({ tags: ["jammy", "noble", "bionic", "third-party"], duplicateOf: master });
    expect(await tracker.apply(id, { kind: "adopt-tags", tags: [] })).toEqual(done);
    expect(lab.bug(master).tags).toEqual(["jammy", "noble"]);
  });

  test("is escalated with its tag and its team, once, however many duplicates were missed before", async () => {
    const master = lab.addBug({});
    const ids = Array.from({ length: 12 }, () => lab.addBug({ duplicateOf: master }));
    const edit: Edit = { kind: "escalate", tag: "often-reported", team: "apport-hackers", from: 10 };
    expect(await tracker.apply(ids[0] ?? 0, edit, fresh)).toEqual(done);
    expect(await tracker.apply(ids[1] ?? 0, edit, fresh)).toEqual({ kind: "already" });
    expect(lab.bug(master)).toMatchObject({ tags: ["often-reported"], subscribers: ["apport-hackers", "somebody"] });
  });

  test("is escalated although the answer that made the last of its duplicates one was lost", async () => {
    const [master, first, id] = [lab.addBug({}), lab.addBug({}), lab.addBug({})];
    lab.edit(first, (bug) => {
      bug.duplicateOf = master;
    });
    await tracker.header(master);
    lab.fault({ fault: { kind: "lost-answer" }, route: "PATCH bug" });
    await tracker.apply(id, { kind: "mark-duplicate", of: master }, fresh);
    const edit: Edit = { kind: "escalate", tag: "often-reported", team: null, from: 2 };
    expect(await tracker.apply(id, edit, fresh)).toEqual(done);
    expect(lab.bug(master).tags).toEqual(["often-reported"]);
  });

  test("that is itself made a duplicate meanwhile stands for its own master", async () => {
    const [root, middle, id] = [lab.addBug({}), lab.addBug({}), lab.addBug({})];
    await tracker.header(middle);
    lab.edit(middle, (bug) => {
      bug.duplicateOf = root;
    });
    expect(await tracker.apply(id, { kind: "mark-duplicate", of: middle }, fresh)).toEqual(done);
    expect(lab.bug(id).duplicateOf).toBe(root);
  });
});

test("that a bug is a duplicate, its privacy and its tags go out as one request, after what it lost", async () => {
  const master = lab.addBug({});
  const id = lab.addBug({ private: true, tags: ["need-amd64-retrace", "noble"] });
  const next: readonly Edit[] = [
    { kind: "set-private", private: false },
    { kind: "remove-pending", mark: { kind: "retrace", architecture: "amd64" } },
  ];
  await tracker.header(id);
  lab.forgetRequests();
  expect(await tracker.apply(id, { kind: "mark-duplicate", of: master }, { maybeDone: false, next })).toEqual(done);
  expect(lab.bug(id)).toMatchObject({ duplicateOf: master, informationType: "Public", tags: ["noble"] });
  for (const edit of next) expect(await tracker.apply(id, edit, fresh)).toEqual({ kind: "already" });
  expect(lab.requests().map(({ route }) => route)).toEqual(["PATCH bug"]);
});

test("what is not marked as a duplicate is not made public with it", async () => {
  const [master, id] = [lab.addBug({}), lab.addBug({ private: true })];
  await tracker.header(id);
  lab.edit(master, (bug) => {
    bug.duplicateOf = id;
  });
  const next: readonly Edit[] = [{ kind: "set-private", private: false }];
  const outcome = await tracker.apply(id, { kind: "mark-duplicate", of: master }, { maybeDone: false, next });
  expect(outcome).toMatchObject({ kind: "dropped", note: expect.stringContaining("itself a duplicate") });
  expect(lab.bug(id)).toMatchObject({ duplicateOf: null, informationType: "Private" });
});

test.each(["CoreDump.gz", "Stacktrace.txt", "ThreadStacktrace.txt (retraced)"])(
  "a bug from which Launchpad would not remove %s becomes a duplicate and stays private",
  async (title) => {
    const master = lab.addBug({});
    const id = lab.addBug({ private: true, attachments: [{ fileName: title, bytes: "what was in memory" }] });
    const refused = { kind: "status", status: 403 } as const;
    lab.fault({ fault: refused, route: /removeFromBug/, times: Infinity });
    const names = ["Stacktrace.txt", "ThreadStacktrace.txt"];
    for (const edit of [{ kind: "remove-attachments", names }, { kind: "remove-core" }] as const)
      await tracker.apply(id, edit, fresh);
    const publish: Edit = { kind: "set-private", private: false };
    const memory = { maybeDone: false, next: [publish] };
    expect(await tracker.apply(id, { kind: "mark-duplicate", of: master }, memory)).toEqual(done);
    const again = trackerOn(lab).tracker;
    for (const each of [tracker, again])
      expect(await each.apply(id, publish, fresh)).toMatchObject({
        kind: "dropped",
        note: expect.stringContaining("memory"),
      });
    expect(lab.bug(id)).toMatchObject({ duplicateOf: master, informationType: "Private" });
  },
);

test("a bug that vanishes in the middle of its plan is absent from then on", async () => {
  const id = lab.addBug({ attachments: [{ fileName: "CoreDump.gz", bytes: "core" }] });
  await tracker.header(id);
  lab.removeBug(id);
  const edits: readonly Edit[] = [
    comment,
    stacktrace,
    { kind: "add-tags", tags: ["noble"] },
    { kind: "set-importance", importance: "Medium" },
    { kind: "subscribe", team: "apport-hackers" },
    { kind: "mark-duplicate", of: 1 },
  ];
  for (const edit of edits) expect(await tracker.apply(id, edit, fresh)).toEqual({ kind: "absent" });
});
