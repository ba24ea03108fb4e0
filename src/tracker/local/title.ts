import { basename } from "node:path";
import { titleFor } from "../../trace/title-for.ts";
import type { ReportFields } from "../../trace/types.ts";
import { cleanTitle, oneLine } from "../title.ts";

/** The title a report is filed under: its own, else what crashed and how, as far as the report tells. */
export function initialTitle(fields: ReportFields): string {
  const own = fields.get("Title") ?? "";
  return cleanTitle(oneLine(own) === "" ? (titleFor(fields) ?? barestTitle(fields)) : own);
}

function barestTitle(fields: ReportFields): string {
  const program = basename(fields.get("ExecutablePath") ?? "") || fields.get("Package")?.split(" ")[0];
  if (program !== undefined) return `${program} crashed`;
  return `${fields.get("ProblemType") ?? "crash"} report`;
}
