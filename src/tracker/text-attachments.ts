import { isInternalField } from "../report/field-names.ts";

/** The longest value that stays in the report's own text, in characters and in lines. */
const inlineLimit = { characters: 1000, lines: 5 };

/** Whether a field is long enough to be kept as an attachment, as Apport does in bug reports. */
export function belongsInAttachment(name: string, value: string): boolean {
  // Internal fields are not shown to people, and attachments are.
  if (isInternalField(name)) return false;
  return value.length > inlineLimit.characters || value.split("\n").length > inlineLimit.lines;
}

/** The report field that a text attachment stands for, null when it is none: `ProcMaps.txt` is ProcMaps. */
export function fieldOfAttachment(attachmentName: string): string | null {
  return /^([A-Za-z0-9.-][A-Za-z0-9._-]*)\.txt$/.exec(attachmentName)?.[1] ?? null;
}
