import { fillTemplate } from "../system/template.ts";
import type { CrashId, Edit } from "../tracker/types.ts";

type Template = { readonly subject: string; readonly body: string };

/** Templates of the comments that plans make; from `[texts]` of the configuration. */
export type CommentTexts = Readonly<
  Record<"duplicate" | "not_closed" | "regression" | "invalid" | "failed" | "symbols_missing" | "buried", Template>
>;

/** What each marker begins with: by it a tracker recognises a comment as ours. */
const markerPrefix = "crash-digger:";

const maxValueCharacters = 2000;
const maxSubjectCharacters = 200;
const maxBodyCharacters = 20_000;

/**
 * A comment out of a template.
 *
 * @param marker what makes it this comment and no other: `duplicate:7:3`
 * @param values what stands for the placeholders. Hostile: a reason may come out of a core or a report.
 */
export function commentFrom(
  template: Template,
  marker: string,
  values: Readonly<Record<string, string | number | readonly string[]>>,
): Edit {
  const harmless = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, harmlessValue(value)]));
  return {
    kind: "comment",
    marker: `${markerPrefix}${marker}`,
    subject: withoutMarkers(fillTemplate(template.subject, harmless)).slice(0, maxSubjectCharacters).toWellFormed(),
    body: withoutMarkers(fillTemplate(template.body, harmless)).slice(0, maxBodyCharacters).toWellFormed(),
  };
}

/** What makes the comment on a duplicate this one and no other. */
export function duplicateMarker(id: CrashId, master: CrashId): string {
  return `${duplicateOf(id)}${master}`;
}

function duplicateOf(id: CrashId): string {
  return `duplicate:${id}:`;
}

/** The master that the latest comment of ours on a duplicate names; null when there is none. */
export function duplicateSaid(id: CrashId, markers: readonly string[]): CrashId | null {
  const beginning = `${markerPrefix}${duplicateOf(id)}`;
  const said = markers.filter((marker) => marker.startsWith(beginning)).map((marker) => marker.slice(beginning.length));
  const master = said.findLast((text) => /^[1-9]\d{0,14}$/.test(text));
  return master === undefined ? null : Number(master);
}

function harmlessValue(value: string | number | readonly string[]): string {
  if (typeof value === "object") return value.map(oneLine).join("\n");
  return oneLine(String(value));
}

// A reason that holds line breaks could look like a comment of its own, one with marks that turn the writing round
// like another text than it is.
function oneLine(text: string): string {
  const plain = text.replace(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  return plain.length <= maxValueCharacters ? plain : `${plain.slice(0, maxValueCharacters - 1)}…`;
}

// "[crash-digger:duplicate:7:3]" in a file's name, and the tracker would believe that the comment for it is there
// already. Whatever is put together, our prefix stands in no text.
function withoutMarkers(text: string): string {
  return text.replace(/crash-digger:/gi, "crash-digger ");
}
