import { expect, test } from "vitest";
import { planFor, planForMerge } from "../../../src/digger/plan.ts";
import type { PlanPolicy } from "../../../src/digger/plan-policy.ts";
import type { Verdict } from "../../../src/digger/verdict.ts";
import type { Traced } from "../../../src/retrace/types.ts";
import type { CrashHeader, Edit, PendingMark } from "../../../src/tracker/types.ts";
import { blankManifest } from "../../lab/manifest.ts";
import { ourPlanPolicy } from "../../lab/plan-policy.ts";

const mark: PendingMark = { kind: "retrace", architecture: "amd64" };

const plainHeader: CrashHeader = {
  id: 7,
  title: "tool crashed with SIGSEGV",
  tags: [],
  status: { kind: "open" },
  duplicateOf: null,
  fields: new Map(),
  attachments: [],
  hasCore: true,
};

type Differently = { readonly fields?: Readonly<Record<string, string>>; readonly policy?: PlanPolicy };

function traced(useful: boolean): Traced {
  const manifest = blankManifest;
  return { kind: "traced", fields: new Map([["Stacktrace", "#0  f ()"]]), threads: [], modules: [], useful, manifest };
}

function edits(
  verdict: Verdict,
  trace: Traced | null = null,
  title: string | null = null,
  { fields = {}, policy = ourPlanPolicy }: Differently = {},
): readonly Edit[] {
  const header = { ...plainHeader, fields: new Map(Object.entries(fields)) };
  const plan = planFor(
    { header, mark, verdict, traced: trace, isTracedBefore: false, title, staysPending: false },
    policy,
  );
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
  { kind: "no-release", reason: "the report does not name its release" },
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

test("a duplicate is stripped before it is marked as one and made public, and whether it can be is seen before that", () => {
  const plan = edits({ kind: "duplicate", master: 3 }, traced(true));
  expect(kinds(plan)).toEqual([
    "check-master",
    "give-trace",
    "adopt-tags",
    "comment",
    "remove-attachments",
    "remove-core",
    "mark-duplicate",
    "set-private",
    "remove-tags",
    "remove-pending",
  ]);
  expect(plan[0]).toEqual({ kind: "check-master", of: 3 });
  expect(plan).toContainEqual({ kind: "mark-duplicate", of: 3 });
});

test("a master is given a useful trace only", () => {
  expect(kinds(edits({ kind: "duplicate", master: 3 }, traced(false)))).not.toContain("give-trace");
  expect(kinds(edits({ kind: "duplicate", master: 3 }))).not.toContain("give-trace");
  const give = edits({ kind: "duplicate", master: 3 }, traced(true)).find(({ kind }) => kind === "give-trace");
  expect(give).toMatchObject({
    ifTagged: ["apport-failed-retrace", "apport-request-retrace"],
    attachments: expect.arrayContaining([{ name: "Stacktrace.txt", text: "#0  f ()" }]),
  });
});

test("a master is escalated where that is configured", () => {
  const escalation = { tag: "often-reported", team: "crash-triage", from: 10 };
  const policy = { ...ourPlanPolicy, escalation };
  expect(edits({ kind: "duplicate", master: 3 }, null, null, { policy })).toContainEqual({
    kind: "escalate",
    of: 3,
    ...escalation,
  });
  expect(planForMerge({ loser: 9, master: 3 }, policy).map(({ edit }) => edit.kind)).toContain("escalate");
});

test.each([
  { kind: "new" },
  { kind: "unsigned" },
  { kind: "duplicate", master: 3 },
  { kind: "regression", of: 3 },
] as const)(
  "what was compared is filed on its package, told to the triage team and no longer to be checked ($kind)",
  (verdict) => {
    const plan = edits(verdict, traced(true), null, {
      fields: { SourcePackage: "coreutils", DistroRelease: "Ubuntu 24.04" },
    });
    expect(plan).toContainEqual({ kind: "set-package", sourcePackage: "coreutils" });
    expect(plan).toContainEqual({ kind: "subscribe", team: "ubuntu-crashes-universe" });
    expect(plan).toContainEqual({ kind: "remove-tags", tags: ["need-duplicate-check"] });
  },
);

test("the triage team is left in peace by releases of others, and where there is none", () => {
  const kindsFor = (release: string, policy = ourPlanPolicy): readonly string[] =>
    kinds(edits({ kind: "new" }, null, null, { fields: { DistroRelease: release }, policy }));
  expect(kindsFor("Debian 12")).not.toContain("subscribe");
  expect(kindsFor("Ubuntu 24.04", { ...ourPlanPolicy, triage: null })).not.toContain("subscribe");
});

test.each(["", "../../etc", "Coreutils", "a".repeat(200)])("a source package called %j is none", (SourcePackage) => {
  expect(kinds(edits({ kind: "new" }, null, null, { fields: { SourcePackage } }))).not.toContain("set-package");
});

test("an importance is set for a Python crash and for a useful trace, and only where nobody has judged", () => {
  const medium = { kind: "set-importance", importance: "Medium", ifUndecided: true };
  expect(edits({ kind: "new" }, null, null, { fields: { Traceback: "ValueError" } })).toContainEqual(medium);
  expect(edits({ kind: "new" }, traced(true))).toContainEqual(medium);
  expect(kinds(edits({ kind: "new" }, traced(false)))).not.toContain("set-importance");
  expect(kinds(edits({ kind: "new" }))).not.toContain("set-importance");
});

test("a regression is tagged and names the crash that was fixed", () => {
  const plan = edits({ kind: "regression", of: 3 }, traced(true));
  expect(plan).toContainEqual({ kind: "add-tags", tags: ["regression-retracer"] });
  expect(plan.find(({ kind }) => kind === "comment")).toMatchObject({ body: expect.stringContaining("#3") });
});

test("an invalid report is told why", () => {
  const comment = edits({ kind: "invalid", reason: "the core dump is cut off" }).find(({ kind }) => kind === "comment");
  expect(comment).toMatchObject({ body: expect.stringContaining("the core dump is cut off") });
});

test("a core that gdb could not read is kept", () => {
  expect(kinds(edits({ kind: "failed", reason: "gdb crashed" }))).not.toContain("remove-core");
});

test("the loser of a merge is closed as a duplicate, and keeps no other mark", () => {
  const plan = planForMerge({ loser: 9, master: 2 }, ourPlanPolicy);
  expect(plan.every(({ crash }) => crash === 9)).toBe(true);
  expect(plan.map(({ edit }) => edit)).toContainEqual({ kind: "mark-duplicate", of: 2 });
});
