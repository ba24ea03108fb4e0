import { expect, test } from "vitest";
import { planFor, planForMerge } from "../../../src/digger/plan.ts";
import type { Verdict } from "../../../src/digger/verdict.ts";
import type { Traced } from "../../../src/retrace/types.ts";
import type { CrashHeader, Edit, PendingMark } from "../../../src/tracker/types.ts";
import { blankManifest } from "../../lab/manifest.ts";

const mark: PendingMark = { kind: "retrace", architecture: "amd64" };

const header: CrashHeader = {
  id: 7,
  title: "tool crashed with SIGSEGV",
  tags: [],
  status: { kind: "open" },
  duplicateOf: null,
  fields: new Map(),
  attachments: [],
  hasCore: true,
};

function traced(useful: boolean): Traced {
  const manifest = blankManifest;
  return { kind: "traced", fields: new Map([["Stacktrace", "#0  f ()"]]), threads: [], modules: [], useful, manifest };
}

function edits(verdict: Verdict, trace: Traced | null = null, title: string | null = null): readonly Edit[] {
  const plan = planFor({ header, mark, verdict, traced: trace, title, staysPending: false });
  expect(plan.every(({ crash }) => crash === 7)).toBe(true);
  return plan.map(({ edit }) => edit);
}

function kinds(plan: readonly Edit[]): readonly string[] {
  return plan.map(({ kind }) => kind);
}

const changing: readonly Verdict[] = [
  { kind: "new" },
  { kind: "unsigned" },
  { kind: "duplicate", master: 3 },
  { kind: "regression", of: 3 },
  { kind: "invalid", reason: "cut off" },
  { kind: "failed", reason: "gdb crashed" },
];

test.each(changing)("the pending mark goes last of all ($kind)", (verdict) => {
  const plan = edits(verdict, verdict.kind === "new" ? traced(true) : null);
  expect(plan.at(-1)).toEqual({ kind: "remove-pending", mark });
  expect(kinds(plan).filter((kind) => kind === "remove-pending")).toHaveLength(1);
});

test.each([
  { kind: "gone" },
  { kind: "postponed", reason: "memory" },
  { kind: "not-ours", reason: "no sources" },
] as const)("nothing is changed for a crash that stays as it is ($kind)", (verdict) => {
  expect(edits(verdict)).toEqual([]);
});

test("a useful trace is attached, the core removed and the title given its function", () => {
  const plan = edits({ kind: "new" }, traced(true), "tool crashed with SIGSEGV in f()");
  expect(plan).toContainEqual({ kind: "attach", name: "Stacktrace.txt", text: "#0  f ()" });
  expect(plan).toContainEqual({ kind: "remove-core" });
  expect(plan).toContainEqual({ kind: "set-title", title: "tool crashed with SIGSEGV in f()" });
});

test("a poor trace is attached too, but the core stays for another try", () => {
  const plan = edits({ kind: "new" }, traced(false), "other title");
  expect(kinds(plan)).toContain("attach");
  expect(kinds(plan)).not.toContain("remove-core");
  expect(plan).toContainEqual({ kind: "add-tags", tags: ["apport-failed-retrace"] });
});

test("a duplicate is explained before it is closed, and its core removed", () => {
  const plan = edits({ kind: "duplicate", master: 3 }, traced(true));
  expect(kinds(plan)).toEqual([
    "comment",
    "remove-attachments",
    "remove-core",
    "set-private",
    "mark-duplicate",
    "remove-pending",
  ]);
  expect(plan.find(({ kind }) => kind === "mark-duplicate")).toEqual({ kind: "mark-duplicate", of: 3 });
});

test("an invalid report is told why", () => {
  const comment = edits({ kind: "invalid", reason: "the core dump is cut off" }).find(({ kind }) => kind === "comment");
  expect(comment).toMatchObject({ body: expect.stringContaining("the core dump is cut off") });
});

test("a core that gdb could not read is kept", () => {
  expect(kinds(edits({ kind: "failed", reason: "gdb crashed" }))).not.toContain("remove-core");
});

test("the loser of a merge is closed as a duplicate, and keeps no other mark", () => {
  const plan = planForMerge({ loser: 9, master: 2 });
  expect(plan.every(({ crash }) => crash === 9)).toBe(true);
  expect(plan.map(({ edit }) => edit)).toContainEqual({ kind: "mark-duplicate", of: 2 });
});
