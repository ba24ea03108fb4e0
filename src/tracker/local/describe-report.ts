import type { Report } from "../../report/types.ts";
import { isArchitectureName, isPendingTag, isTag, tagOfMark } from "../marks.ts";
import { belongsInAttachment } from "../text-attachments.ts";
import { oneLine } from "../title.ts";
import type { PendingMark } from "../types.ts";
import { initialTitle } from "./title.ts";

/** What a report becomes in the tracker, its binary fields aside. */
export type NewCrash = {
  readonly title: string;
  /** What crashed, for lists: the executable's path or the package; null when the report tells neither. */
  readonly program: string | null;
  readonly tags: readonly string[];
  /** Fields kept as they are, in the report's order. */
  readonly inlineFields: readonly (readonly [name: string, value: string])[];
  /** Long fields, by attachment name (`ProcMaps.txt`). */
  readonly attachments: readonly (readonly [name: string, text: string])[];
};

/** Binary fields that hold a core, the program's before the kernel's. */
export const coreFields: readonly string[] = ["CoreDump", "VmCore"];

// A reporter may put any number of words into Tags; a person would not look at more than a few.
const maxReportTags = 32;

/**
 * Sorts a report into what the tracker keeps.
 *
 * @param hostArchitecture the architecture that a core without an Architecture field is marked for.
 */
export function describeReport(report: Report, hostArchitecture: string): NewCrash {
  const { fields } = report;
  const all = [...fields];
  return {
    title: initialTitle(fields),
    program: nullIfEmpty(oneLine(fields.get("ExecutablePath") ?? fields.get("Package") ?? "")),
    tags: [...new Set([...reportTags(fields.get("Tags")), tagOfMark(markFor(report, hostArchitecture))])],
    inlineFields: all.filter(([name, value]) => !belongsInAttachment(name, value)),
    attachments: all
      .filter(([name, value]) => belongsInAttachment(name, value))
      .map(([name, value]) => [`${name}.txt`, value] as const),
  };
}

// A report made by hand or by systemd-coredump may lack Architecture, or carry a word that is none. Its core
// was most likely made where it is filed, and the batch on that machine finds out from the core's own header.
function markFor(report: Report, hostArchitecture: string): PendingMark {
  if (!coreFields.some((name) => report.binaries.has(name))) return { kind: "duplicate-check" };
  const told = (report.fields.get("Architecture") ?? "").trim();
  return { kind: "retrace", architecture: isArchitectureName(told) ? told : hostArchitecture };
}

// Apport's Tags become the bug's tags. The marks of the work list are ours to set, not the reporter's.
function reportTags(text: string | undefined): readonly string[] {
  const words = (text ?? "").split(/\s+/).filter((word) => isTag(word) && !isPendingTag(word));
  return words.slice(0, maxReportTags);
}

function nullIfEmpty(text: string): string | null {
  return text === "" ? null : text;
}
