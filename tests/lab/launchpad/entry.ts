import { createHash } from "node:crypto";
import { type ApiAnswer, emptyAnswer, jsonAnswer } from "./answer.ts";
import type { Call } from "./call.ts";

/** A thing of the web service: what can be read of it, and which part of that can be written. */
export type Entry = {
  /** `bug`, `bug_task`, `person`, …: the names of the WADL. */
  readonly type: string;
  /** Below the version: `bugs/1`. */
  readonly path: string;
  /** Null for a thing without a page for people. */
  readonly webPath: string | null;
  readonly fixed: Readonly<Record<string, unknown>>;
  readonly writable: Readonly<Record<string, unknown>>;
};

/** An entry as JSON. */
export function represent(call: Call, entry: Entry): Record<string, unknown> {
  return {
    self_link: linkTo(call, entry.path),
    ...(entry.webPath === null ? {} : { web_link: call.web + entry.webPath }),
    resource_type_link: `${call.root}#${entry.type}`,
    ...entry.fixed,
    ...entry.writable,
    http_etag: etagOf(entry),
  };
}

/** Two halves: what cannot be written, and what can. Only the second one matters to If-Match. */
export function etagOf(entry: Entry): string {
  return `"${digest(entry.fixed)}-${digest(entry.writable)}"`;
}

/** Answers a GET of an entry, with 304 when the caller has it already. */
export function entryAnswer(call: Call, entry: Entry): ApiAnswer {
  const etag = etagOf(entry);
  if (withoutGzip(call.headers["if-none-match"]) === etag) return emptyAnswer(304, { ETag: etag });
  return jsonAnswer(represent(call, entry), 200, { ETag: etag });
}

/** Whether somebody else changed what can be written since the caller read it (If-Match). */
export function isOutdated(call: Call, entry: Entry): boolean {
  const expected = withoutGzip(call.headers["if-match"]);
  return expected !== undefined && writableHalf(expected) !== writableHalf(etagOf(entry));
}

/** An absolute link to a path below the version. */
export function linkTo(call: Call, path: string): string {
  return call.root + encodeURI(path);
}

/** The path below the version that a link stands for, null for a link to somewhere else. */
export function pathOfLink(call: Call, link: string): string | null {
  if (link.startsWith("/")) return decodeURI(link.replace(/^\/(1\.0|devel)?\/?/, ""));
  return link.startsWith(call.root) ? decodeURI(link.slice(call.root.length)) : null;
}

function digest(part: Readonly<Record<string, unknown>>): string {
  return createHash("sha1").update(JSON.stringify(part)).digest("hex");
}

function writableHalf(etag: string): string {
  return etag.slice(etag.lastIndexOf("-") + 1);
}

// Apache adds `-gzip` to the ETag of a compressed answer.
function withoutGzip(etag: string | undefined): string | undefined {
  return etag?.replace(/-gzip(?="?$)/, "");
}
