import { styleText } from "node:util";
import { isInternalField } from "../../report/field-names.ts";
import type { LocalComment, LocalCrash } from "../../tracker/local/read-crash.ts";
import { printable, printableLines } from "../printable.ts";
import { describeStatus } from "./describe-status.ts";
import { renderModules, renderThreads } from "./show-trace.ts";
import { modulesFrom, threadsFrom } from "./trace-attachments.ts";

/** Fields that tell a reader what crashed where; the others are named and can be asked for. */
const shownFields = [
  "ProblemType",
  "ExecutablePath",
  "Package",
  "SourcePackage",
  "DistroRelease",
  "Architecture",
  "Date",
  "Signal",
  "SignalName",
  "AssertionMessage",
];

/** A crash for people, several sections of text. Everything out of a report is fit for a terminal. */
export function renderCrash(crash: LocalCrash): string {
  return [heading(crash), fields(crash), trace(crash), modules(crash), ...crash.comments.map(comment), more(crash)]
    .filter((section) => section !== "")
    .join("\n");
}

function heading({ header, submittedAt, importance, duplicates }: LocalCrash): string {
  const title = styleText("bold", `Crash ${header.id}: ${printable(header.title)}`);
  const rows: [string, string][] = [
    ["Status", header.duplicateOf === null ? describeStatus(header.status) : `duplicate of ${header.duplicateOf}`],
    ["Duplicates", duplicates.join(" ")],
    ["Tags", header.tags.join(" ")],
    ["Importance", importance],
    ["Submitted", submittedAt],
    ["Core", header.hasCore ? "kept" : "none"],
  ];
  return `${title}\n${table(rows)}`;
}

function fields({ header }: LocalCrash): string {
  return table(shownFields.map((name) => [name, header.fields.get(name) ?? ""]));
}

function table(rows: readonly (readonly [string, string])[]): string {
  return rows
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `  ${name.padEnd(17)} ${printable(value)}\n`)
    .join("");
}

function trace(crash: LocalCrash): string {
  const { fields } = crash.header;
  const threads = threadsFrom(crash.attachmentTexts);
  const text = fields.get("Stacktrace") ?? fields.get("Traceback") ?? fields.get("OopsText") ?? "";
  if (threads !== null && threads.length > 0) return section("Trace", renderThreads(threads));
  return text === "" ? "" : section("Trace", withNewline(printableLines(text)));
}

function modules(crash: LocalCrash): string {
  const rows = modulesFrom(crash.attachmentTexts);
  return rows === null || rows.length === 0 ? "" : section("Modules", renderModules(rows));
}

function comment({ subject, body, writtenAt }: LocalComment): string {
  return section(`${printable(subject)} (${printable(writtenAt)})`, withNewline(printableLines(body)));
}

function more({ header, attachmentTexts }: LocalCrash): string {
  const names = [...header.fields.keys()].filter((name) => !isInternalField(name) && !shownFields.includes(name));
  const others = [...attachmentTexts.keys()].filter((name) => !name.endsWith(".txt"));
  const all = [...names, ...others];
  return all.length === 0 ? "" : section("More (show with --field NAME)", `${printable(all.join(" "))}\n`);
}

function section(title: string, body: string): string {
  return `${styleText("bold", title)}\n${body}`;
}

function withNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
