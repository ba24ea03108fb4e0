import type { PendingMark } from "./types.ts";

/** The tag by which a tracker shows that a report waits for work. The names are Apport's. */
export function tagOfMark(mark: PendingMark): string {
  return mark.kind === "retrace" ? `need-${mark.architecture}-retrace` : "need-duplicate-check";
}

/** The mark that a tag stands for, null when it is none. */
export function markOfTag(tag: string): PendingMark | null {
  if (tag === "need-duplicate-check") return { kind: "duplicate-check" };
  const architecture = /^need-(.+)-retrace$/.exec(tag)?.[1];
  return architecture === undefined ? null : { kind: "retrace", architecture };
}

/** Whether a tag is one of the marks above. */
export function isPendingTag(tag: string): boolean {
  return markOfTag(tag) !== null;
}

/** Apport's tag for a crash whose trace is missing or poor. */
export const failedTag = "apport-failed-retrace";

/** Apport's tag that people put on a crash whose trace should be a better one. */
const requestTag = "apport-request-retrace";

/** A crash with one of these is given the trace of a duplicate, if that is a useful one. */
export const tagsThatWantTrace: readonly string[] = [failedTag, requestTag];

/** Whether a text can be a Debian architecture name (`amd64`, `kfreebsd-i386`), and so part of a tag. */
export function isArchitectureName(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,30}$/.test(text);
}

/** Whether a text can be a tag: Launchpad's rule, so that every tracker can keep it. */
export function isTag(text: string): boolean {
  return /^[a-z0-9][a-z0-9+.-]{1,99}$/.test(text);
}
