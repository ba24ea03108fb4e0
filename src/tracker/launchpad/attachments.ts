import type { ReportFields } from "../../trace/types.ts";
import { fieldOfAttachment } from "../text-attachments.ts";
import type { AttachmentEntry } from "./entries.ts";

// As Apport's retracer titles them, so that people tell the traces it made from those that the reporter's machine
// made without symbols.
const madeHere = " (retraced)";

/** The title of a file that a retrace attaches. */
export function titleOfOurs(name: string): string {
  return `${name}${madeHere}`;
}

/** A file's name by its title: an attachment's own file name is known only after it has been fetched. */
export function nameOf({ title }: Pick<AttachmentEntry, "title">): string {
  return title.endsWith(madeHere) ? title.slice(0, -madeHere.length) : title;
}

export function isCore(attachment: Pick<AttachmentEntry, "title">): boolean {
  return attachment.title === "CoreDump.gz" || attachment.title === "CoreDump.zst";
}

/** What of a retrace goes to a bug, as with Apport's retracer; each file costs a request. */
const tracesForBugs: readonly string[] = [
  "Stacktrace.txt",
  "ThreadStacktrace.txt",
  "StacktraceTop.txt",
  "StacktraceSource.txt",
];

export function goesToBugs(name: string): boolean {
  return tracesForBugs.includes(name);
}

/** Fields that decide about a report whatever else it has. */
const alwaysWanted = ["DuplicateSignature", "StacktraceAddressSignature", "Package", "ExecutablePath"] as const;
/** Without a core it is compared by what it says itself. */
const wantedWithoutCore = ["Traceback", "OopsText", "Failure", "StacktraceTop", "AssertionMessage"] as const;

/**
 * The attachments to fetch, by field: the latest of each name. Each costs two requests, so only those are fetched
 * that a retrace or a comparison reads.
 *
 * @param inline fields of the description
 */
export function wantedAttachments(
  inline: ReportFields,
  attachments: readonly AttachmentEntry[],
): ReadonlyMap<string, AttachmentEntry> {
  const byField = new Map<string, AttachmentEntry>();
  for (const attachment of attachments) {
    const field = fieldOfAttachment(nameOf(attachment));
    if (field !== null) byField.set(field, attachment);
  }
  const wanted = new Set(wantedFields(inline, byField, attachments.some(isCore)));
  return new Map([...byField].filter(([field]) => wanted.has(field)));
}

function wantedFields(
  inline: ReportFields,
  attached: ReadonlyMap<string, unknown>,
  hasCore: boolean,
): readonly string[] {
  if (!hasCore) return [...alwaysWanted, ...wantedWithoutCore];
  const hasAddresses = inline.has("StacktraceAddressSignature") || attached.has("StacktraceAddressSignature");
  // The core has mappings of its own, but not the names of those that are no file ([heap]), which a signature that
  // the reporter's machine left to us counts. Where it made one itself, nobody asks for the maps.
  return [...alwaysWanted, "Dependencies", ...(hasAddresses ? [] : ["ProcMaps"])];
}
