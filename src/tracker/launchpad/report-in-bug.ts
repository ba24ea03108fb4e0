import type { ReportFields } from "../../trace/types.ts";
import type { BugEntry } from "./entries.ts";

const typeByTag: readonly (readonly [tag: string, problemType: string])[] = [
  ["apport-bug", "Bug"],
  ["apport-crash", "Crash"],
  ["apport-kernelcrash", "KernelCrash"],
  ["apport-package", "Package"],
];

type BugWithReport = Pick<BugEntry, "title" | "tags" | "date_created">;

/**
 * The report's fields as a bug has them: attachments win over what stands in the description, and what people
 * changed on the bug (title, tags) over both.
 */
export function reportInBug(bug: BugWithReport, inline: ReportFields, attached: ReportFields): ReportFields {
  const fields = new Map([...inline, ...attached]);
  const ownTitle = fields.get("Title");
  if (ownTitle !== undefined && ownTitle !== bug.title) fields.set("OriginalTitle", ownTitle);
  fields.set("Title", bug.title);
  fields.set("Tags", [...new Set([...words(fields.get("Tags")), ...bug.tags])].join(" "));
  if (!fields.has("Date")) fields.set("Date", asctime(bug.date_created));
  const problemType = typeByTag.find(([tag]) => bug.tags.includes(tag))?.[1];
  if (!fields.has("ProblemType") && problemType !== undefined) fields.set("ProblemType", problemType);
  return fields;
}

function words(text: string | undefined): readonly string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}

// `Sun Nov 22 15:43:35 2026`, the form of a report's Date; what is no date at all stays as it is.
function asctime(isoDate: string): string {
  const date = new Date(isoDate);
  if (Number.isNaN(date.getTime())) return isoDate;
  const [weekday = "", day = "", month, year, time] = date.toUTCString().split(" ");
  return `${weekday.slice(0, 3)} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
