import { tagOfMark } from "../../tracker/marks.ts";
import { fieldOfAttachment } from "../../tracker/text-attachments.ts";
import type { CrashHeader, Edit } from "../../tracker/types.ts";

/**
 * How a planned edit compares with the tracker as it is. `unseen`: what a tracker tells of a crash does not show it
 * (comments, subscribers, the package), or it depends on what is not known any more.
 */
export type Compared = {
  readonly state: "done" | "missing" | "different" | "unseen";
  /** What is there instead, for `different`. */
  readonly actual?: string;
};

/** Whether an edit's effect is there. `master`: what the crash is, or should be, a duplicate of; null: none. */
export function compareEdit(edit: Edit, crash: CrashHeader, master: CrashHeader | null): Compared {
  switch (edit.kind) {
    case "attach":
      return compareAttachment(edit.name, edit.text, crash);
    case "remove-attachments":
      return doneUnless(crash.attachments.some(({ name }) => edit.names.includes(name)));
    case "remove-core":
      return doneUnless(crash.hasCore);
    case "add-tags":
      return doneUnless(!edit.tags.every((tag) => crash.tags.includes(tag)));
    case "remove-tags":
      return doneUnless(crash.tags.some((tag) => edit.tags.includes(tag)));
    case "remove-pending":
      return doneUnless(crash.tags.includes(tagOfMark(edit.mark)));
    case "mark-duplicate":
      return crash.duplicateOf === null
        ? { state: "missing" }
        : sameOr(crash.duplicateOf === edit.of, `a duplicate of ${crash.duplicateOf}`);
    case "give-trace":
      return master === null ? { state: "unseen" } : doneUnless(master.tags.some((tag) => edit.ifTagged.includes(tag)));
    case "adopt-tags": {
      const adopted = edit.tags.filter((tag) => crash.tags.includes(tag));
      return master === null ? { state: "unseen" } : doneUnless(!adopted.every((tag) => master.tags.includes(tag)));
    }
    case "escalate":
      return { state: master?.tags.includes(edit.tag) === true ? "done" : "unseen" };
    default:
      return compareProperty(edit, crash);
  }
}

type PropertyEdit = Extract<Edit, { kind: `set-${string}` | "comment" | "subscribe" | "check-master" }>;

function compareProperty(edit: PropertyEdit, crash: CrashHeader): Compared {
  switch (edit.kind) {
    case "set-title":
      return sameOr(crash.title === edit.title, crash.title);
    case "set-status":
      if (crash.status.kind === "open" && edit.status.kind !== "open") return { state: "missing" };
      return sameOr(JSON.stringify(crash.status) === JSON.stringify(edit.status), crash.status.kind);
    case "set-importance":
      if (crash.importance === undefined) return { state: "unseen" };
      if (crash.importance === "Undecided" && edit.importance !== "Undecided") return { state: "missing" };
      return sameOr(edit.ifUndecided === true || crash.importance === edit.importance, crash.importance);
    case "set-private":
      return crash.isPrivate === undefined ? { state: "unseen" } : doneUnless(crash.isPrivate !== edit.private);
    case "set-package":
    case "comment":
    case "subscribe":
    case "check-master":
      return { state: "unseen" };
  }
}

function compareAttachment(name: string, text: string, crash: CrashHeader): Compared {
  const field = fieldOfAttachment(name);
  // What we know beyond Apport's fields (Trace.json, …) no other retracer attaches.
  const isThere = crash.attachments.some((each) => each.name === name);
  if (field === null) return { state: isThere ? "done" : "unseen" };
  const actual = crash.fields.get(field);
  // A tracker may tell that there is an attachment without having read it.
  if (actual === undefined) return { state: isThere ? "done" : "missing" };
  return sameOr(sameTrace(text, actual), "another text");
}

// Two programs never print a trace alike to the letter. Where both have frames, their functions tell; elsewhere the
// text does.
function sameTrace(planned: string, actual: string): boolean {
  if (planned.trim() === actual.trim()) return true;
  const [ours, theirs] = [functionsIn(planned), functionsIn(actual)];
  return ours.length > 0 && ours.join("\n") === theirs.join("\n");
}

// `#3  0x00007f12 in g_object_unref () from /usr/lib/…`, `#0  raise (sig=6) at raise.c:51`, and as in StacktraceTop
// `raise (sig=6) at raise.c:51`.
function functionsIn(trace: string): readonly string[] {
  const lines = trace.split("\n");
  return lines.flatMap((line) => /^(?:#\d+ +)?(?:0x[0-9a-fA-F]+ in )?([^\s(]+) \(/.exec(line)?.[1] ?? []);
}

function doneUnless(isMissing: boolean): Compared {
  return { state: isMissing ? "missing" : "done" };
}

function sameOr(isSame: boolean, actual: string): Compared {
  return isSame ? { state: "done" } : { state: "different", actual };
}
