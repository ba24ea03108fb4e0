import type { Traced } from "../retrace/types.ts";
import { tagsThatWantTrace } from "../tracker/marks.ts";
import type { CrashId, Edit } from "../tracker/types.ts";
import { commentFrom, duplicateMarker } from "./comment-texts.ts";
import type { PlanPolicy } from "./plan-policy.ts";
import { textsOf } from "./plan-trace.ts";

/** Attachments of which a duplicate has no further use: its master has them. */
const attachmentsOfDuplicates = [
  "Stacktrace.txt",
  "ThreadStacktrace.txt",
  "ProcMaps.txt",
  "ProcStatus.txt",
  "Registers.txt",
  "Disassembly.txt",
];

/** Apport's tag for a crash that reporters should be warned of before they file it: a person has to write the pattern. */
const patternTag = "bugpattern-needed";

/**
 * The edits that close a crash as a duplicate. First of all whether it still can be: if not, nothing else is done to it
 * (see not-closed.ts). Then come its master's, so that one look at the master is enough. That it is a duplicate comes last, so
 * that a tracker can change that, its privacy and its marks at once; and what is stripped off goes before it is made public.
 *
 * @param traced its own trace, which its master may want
 */
export function closeAsDuplicate(
  id: CrashId,
  master: CrashId,
  traced: Traced | null,
  policy: PlanPolicy,
): readonly Edit[] {
  return [
    { kind: "check-master", of: master },
    ...masterEdits(master, traced, policy),
    commentFrom(policy.texts.duplicate, duplicateMarker(id, master), { id, master }),
    { kind: "remove-attachments", names: attachmentsOfDuplicates },
    { kind: "remove-core" },
    { kind: "mark-duplicate", of: master },
    { kind: "set-private", private: false },
  ];
}

function masterEdits(of: CrashId, traced: Traced | null, { escalation }: PlanPolicy): readonly Edit[] {
  const edits: Edit[] = [];
  if (traced?.useful === true) {
    edits.push({ kind: "give-trace", of, ifTagged: tagsThatWantTrace, attachments: textsOf(traced) });
  }
  edits.push({ kind: "adopt-tags", of, tags: [patternTag] });
  if (escalation !== null) edits.push({ kind: "escalate", of, ...escalation });
  return edits;
}
