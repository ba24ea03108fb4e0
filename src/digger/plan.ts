import type { Merge } from "../duplicates/types.ts";
import type { Traced } from "../retrace/types.ts";
import type { CrashHeader, CrashId, Edit, PendingMark } from "../tracker/types.ts";
import type { Verdict } from "./verdict.ts";

/** What a plan is made of: the crash, what was found, and the trace if there is one. */
export type PlanInput = {
  readonly header: CrashHeader;
  readonly mark: PendingMark;
  readonly verdict: Verdict;
  readonly traced: Traced | null;
  readonly title: string | null;
  /** Whether the crash is worked on again by itself (later, or when symbols appear): then its mark stays. */
  readonly staysPending: boolean;
};

/** Edits of one plan go to several crashes when a merge closes an older one. */
export type PlannedEdit = { readonly crash: CrashId; readonly edit: Edit };

/** Attachments of which a duplicate has no further use: its master has them. */
const attachmentsOfDuplicates = [
  "Stacktrace.txt",
  "ThreadStacktrace.txt",
  "ProcMaps.txt",
  "ProcStatus.txt",
  "Registers.txt",
  "Disassembly.txt",
];

/** Apport's tag for a crash whose trace is missing or poor. */
export const failedTag = "apport-failed-retrace";

/**
 * The edits that carry a verdict to the tracker, in order: first what informs, then what changes the state,
 * and last of all the removal of the pending mark, so that an interrupted plan is seen and finished. A crash
 * that stays pending keeps the mark: should state.db be lost, the tracker still knows.
 */
export function planFor(input: PlanInput): readonly PlannedEdit[] {
  const edits = editsFor(input);
  if (edits === null) return [];
  const last: readonly Edit[] = input.staysPending ? [] : [{ kind: "remove-pending", mark: input.mark }];
  return [...edits, ...last].map((edit) => ({ crash: input.header.id, edit }));
}

/** The edits that close the losing crash of a merge as a duplicate of the older one. */
export function planForMerge(merge: Merge): readonly PlannedEdit[] {
  return closeAsDuplicate(merge.loser, merge.master).map((edit) => ({ crash: merge.loser, edit }));
}

// Null: nothing is to be changed, the crash stays as it is.
function editsFor(input: PlanInput): readonly Edit[] | null {
  const { verdict } = input;
  switch (verdict.kind) {
    case "new":
    case "unsigned":
      return traceEdits(input);
    case "duplicate":
      return closeAsDuplicate(input.header.id, verdict.master);
    case "regression":
      return [...traceEdits(input), ...regressionEdits(input.header.id, verdict.of)];
    case "invalid":
      return invalidEdits(input.header.id, verdict.reason);
    case "failed":
      return failedEdits(input.header.id, verdict.reason);
    case "postponed":
    case "not-ours":
    case "gone":
      return null;
  }
}

function traceEdits(input: PlanInput): readonly Edit[] {
  const { traced, header } = input;
  if (traced === null) return [{ kind: "set-importance", importance: "Medium" }];
  const attachments = traceAttachments(traced);
  if (!traced.useful) return [...attachments, { kind: "add-tags", tags: [failedTag] }];
  const title: readonly Edit[] =
    input.title === null || input.title === header.title ? [] : [{ kind: "set-title", title: input.title }];
  return [
    ...attachments,
    { kind: "remove-tags", tags: [failedTag] },
    { kind: "remove-core" },
    { kind: "set-importance", importance: "Medium" },
    ...title,
  ];
}

function traceAttachments(traced: Traced): readonly Edit[] {
  const fields: readonly Edit[] = [...traced.fields].map(([name, text]) => ({
    kind: "attach",
    name: `${name}.txt`,
    text,
  }));
  const json = (name: string, value: unknown): Edit => ({ kind: "attach", name, text: JSON.stringify(value, null, 1) });
  return [
    ...fields,
    json("Trace.json", traced.threads),
    json("Fidelity.json", traced.modules),
    json("Manifest.json", traced.manifest),
  ];
}

function closeAsDuplicate(id: CrashId, master: CrashId): readonly Edit[] {
  return [
    {
      kind: "comment",
      marker: `crash-digger:duplicate:${id}:${master}`,
      subject: "This crash is a duplicate",
      body:
        `Thank you for the report. The same crash is already known as #${master}, so this one is marked as its ` +
        "duplicate. Please look there for its progress, and add there what may help to find the cause.",
    },
    { kind: "remove-attachments", names: attachmentsOfDuplicates },
    { kind: "remove-core" },
    { kind: "set-private", private: false },
    { kind: "mark-duplicate", of: master },
  ];
}

function regressionEdits(id: CrashId, of: CrashId): readonly Edit[] {
  return [
    {
      kind: "comment",
      marker: `crash-digger:regression:${id}:${of}`,
      subject: "Possible regression detected",
      body: `This crash has the same signature as #${of}, which is marked as fixed in an older version than the one reported here.`,
    },
    { kind: "add-tags", tags: ["regression-retracer"] },
  ];
}

function invalidEdits(id: CrashId, reason: string): readonly Edit[] {
  return [
    {
      kind: "comment",
      marker: `crash-digger:invalid:${id}`,
      subject: "Crash report cannot be processed",
      body: `Thank you for the report. It cannot be processed: ${reason}.`,
    },
    { kind: "set-status", status: { kind: "invalid" } },
    { kind: "remove-core" },
  ];
}

function failedEdits(id: CrashId, reason: string): readonly Edit[] {
  return [
    {
      kind: "comment",
      marker: `crash-digger:failed:${id}`,
      subject: "The crash could not be retraced",
      body: `This crash could not be retraced: ${reason}. The core is kept, so that it can be tried again.`,
    },
    { kind: "add-tags", tags: [failedTag] },
  ];
}
