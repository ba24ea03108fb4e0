import { expect, test } from "vitest";
import { compareEdit } from "../../../src/digger/shadow/compare-edit.ts";
import type { CrashHeader, Edit } from "../../../src/tracker/types.ts";

const crash: CrashHeader = {
  id: 7,
  title: "gedit crashed with SIGSEGV in f()",
  tags: ["noble", "bugpattern-needed", "need-amd64-retrace"],
  status: { kind: "open" },
  duplicateOf: 3,
  fields: new Map([
    ["Stacktrace", "#0  0x00001 in f (x=1) at f.c:1\n        y = 2\n#1  0x2 in main () from /lib/x.so"],
    ["Registers", "rip 0x1"],
  ]),
  attachments: [
    { name: "Stacktrace.txt", sizeBytes: 60 },
    { name: "Trace.json", sizeBytes: null },
    { name: "ThreadStacktrace.txt", sizeBytes: null },
  ],
  hasCore: true,
  importance: "Low",
};
const master: CrashHeader = { ...crash, id: 3, tags: ["apport-failed-retrace", "often"], duplicateOf: null };

const attach = (name: string, text: string): Edit => ({ kind: "attach", name, text });

test.each<[Edit, string]>([
  [attach("Stacktrace.txt", "#0  f (x=1) at other.c:9\nNo locals.\n#1  0x777 in main ()\n"), "done"],
  [attach("Stacktrace.txt", "#0  0x1 in g (x=1)\n#1  0x777 in main ()\n"), "different"],
  [attach("Registers.txt", "rip 0x1\n"), "done"],
  [attach("Registers.txt", "rip 0x2\n"), "different"],
  [attach("Disassembly.txt", "nop"), "missing"],
  [attach("ThreadStacktrace.txt", "not read by the tracker"), "done"],
  [attach("Trace.json", "[]"), "done"],
  [attach("Fidelity.json", "[]"), "unseen"],
  [{ kind: "remove-attachments", names: ["Stacktrace.txt", "ProcMaps.txt"] }, "missing"],
  [{ kind: "remove-attachments", names: ["ProcMaps.txt"] }, "done"],
  [{ kind: "remove-core" }, "missing"],
  [{ kind: "add-tags", tags: ["noble"] }, "done"],
  [{ kind: "add-tags", tags: ["noble", "jammy"] }, "missing"],
  [{ kind: "remove-tags", tags: ["jammy"] }, "done"],
  [{ kind: "remove-tags", tags: ["noble", "jammy"] }, "missing"],
  [{ kind: "remove-pending", mark: { kind: "retrace", architecture: "amd64" } }, "missing"],
  [{ kind: "remove-pending", mark: { kind: "duplicate-check" } }, "done"],
  [{ kind: "mark-duplicate", of: 3 }, "done"],
  [{ kind: "mark-duplicate", of: 4 }, "different"],
  [{ kind: "set-title", title: "gedit crashed with SIGSEGV in f()" }, "done"],
  [{ kind: "set-title", title: "gedit crashed with SIGSEGV in g()" }, "different"],
  [{ kind: "set-status", status: { kind: "invalid" } }, "missing"],
  [{ kind: "set-status", status: { kind: "open" } }, "done"],
  [{ kind: "set-importance", importance: "Medium" }, "different"],
  [{ kind: "set-importance", importance: "Medium", ifUndecided: true }, "done"],
  [{ kind: "set-private", private: false }, "unseen"],
  [{ kind: "set-package", sourcePackage: "gedit" }, "unseen"],
  [{ kind: "subscribe", team: "triage" }, "unseen"],
  [{ kind: "comment", marker: "m", subject: "s", body: "b" }, "unseen"],
  [{ kind: "give-trace", ifTagged: ["apport-failed-retrace"], attachments: [] }, "missing"],
  [{ kind: "give-trace", ifTagged: ["apport-request-retrace"], attachments: [] }, "done"],
  [{ kind: "adopt-tags", tags: ["bugpattern-needed"] }, "missing"],
  [{ kind: "adopt-tags", tags: ["bugpattern-written"] }, "done"],
  [{ kind: "escalate", tag: "often", team: null, from: 10 }, "done"],
  [{ kind: "escalate", tag: "very-often", team: null, from: 10 }, "unseen"],
])("%j is %s", (edit, state) => {
  expect(compareEdit(edit, crash, master).state).toBe(state);
});

test("what is not there yet is missing, and what nobody has judged is not different", () => {
  const untouched: CrashHeader = { ...crash, duplicateOf: null, importance: "Undecided", isPrivate: true };
  expect(compareEdit({ kind: "mark-duplicate", of: 3 }, untouched, null)).toEqual({ state: "missing" });
  expect(compareEdit({ kind: "set-importance", importance: "Medium" }, untouched, null).state).toBe("missing");
  expect(compareEdit({ kind: "set-private", private: false }, untouched, null).state).toBe("missing");
  expect(compareEdit({ kind: "give-trace", ifTagged: ["x"], attachments: [] }, untouched, null).state).toBe("unseen");
});

test("what is there instead is told", () => {
  expect(compareEdit({ kind: "mark-duplicate", of: 4 }, crash, master).actual).toBe("a duplicate of 3");
});
