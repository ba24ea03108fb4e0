import type { ReportFields } from "../../trace/types.ts";
import { markOfTag } from "../marks.ts";
import { fieldOfAttachment } from "../text-attachments.ts";
import type { AttachmentEntry } from "./entries.ts";

// As Apport's retracer titles them, so that people tell the traces it made from those that the reporter's machine
// made without symbols.
const madeHere = " (retraced)";

/** The title of a file that a retrace attaches. */
export function titleOfOurs(name: string): string {
  return `${name}${madeHere}`;
}

/** Whether a retrace has attached it. */
export function isOfOurs({ title }: Pick<AttachmentEntry, "title">): boolean {
  return title.endsWith(madeHere);
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

/** With a core: the names of packages, and what its addresses lie in. */
const wantedByRetrace = ["Dependencies", "ProcMaps"] as const;

/**
 * The attachments to fetch for the header, by field: the latest of each name. Each costs two requests, so only those are fetched
 * that a retrace or a comparison reads.
 */
export function wantedAttachments(
  attachments: readonly AttachmentEntry[],
  tags: readonly string[],
): ReadonlyMap<string, AttachmentEntry> {
  const isRetraced = attachments.some(isCore) && !isOnlyCompared(tags);
  return latestOf(attachments, isRetraced ? alwaysWanted : [...alwaysWanted, ...wantedWithoutCore]);
}

// A person may want a crash compared whose core was kept because its retrace failed.
function isOnlyCompared(tags: readonly string[]): boolean {
  const marks = tags.map(markOfTag);
  return marks.some((mark) => mark?.kind === "duplicate-check") && !marks.some((mark) => mark?.kind === "retrace");
}

/** Those that are fetched for a retrace, when it comes to one. */
export function wantedLater(
  inline: ReportFields,
  attachments: readonly AttachmentEntry[],
): ReadonlyMap<string, AttachmentEntry> {
  const addresses = "StacktraceAddressSignature";
  const hasAddresses = inline.has(addresses) || latestOf(attachments, [addresses]).size > 0;
  // The core has mappings of its own, but not the names of those that are no file ([heap]), which a signature that
  // the reporter's machine left to us counts. Where it made one itself, nobody asks for the maps.
  return latestOf(attachments, hasAddresses ? ["Dependencies"] : wantedByRetrace);
}

function latestOf(
  attachments: readonly AttachmentEntry[],
  fields: readonly string[],
): ReadonlyMap<string, AttachmentEntry> {
  const found = new Map<string, AttachmentEntry>();
  for (const attachment of attachments) {
    const field = fieldOfAttachment(nameOf(attachment));
    if (field !== null && fields.includes(field)) found.set(field, attachment);
  }
  return found;
}
