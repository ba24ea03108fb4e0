import { readFile, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, normalize } from "node:path";

/** One request and what became of it so far. */
export type Hit = {
  readonly method: string;
  /** Decoded path, without the query. */
  readonly path: string;
  /** Null when no answer was begun (hang, reset). */
  status: number | null;
  /** Bytes of the body that were handed to the connection. */
  bytes: number;
};

/** An answer that is ready to be sent, rightly or wrongly. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** The right answer to a request for a file of the folder (RFC 9110: ranges, If-Modified-Since, If-Range). */
export async function prepareAnswer(folder: string, path: string, request: IncomingMessage): Promise<Answer> {
  if (request.method !== "GET" && request.method !== "HEAD") return plain(405, "Method not allowed");
  const file = await readServed(join(folder, normalize(`/${path}`)));
  if (file === null) return plain(404, "Not found");
  const headers = { "Last-Modified": file.modified.toUTCString(), "Accept-Ranges": "bytes" };
  if (isCurrent(request.headers["if-modified-since"], file.modified)) return { status: 304, headers, body: empty };
  const range = rangeOf(request, file.modified, file.bytes.length);
  if (range === null) return { status: 200, headers, body: file.bytes };
  if (range.first >= file.bytes.length) {
    return { status: 416, headers: { ...headers, "Content-Range": `bytes */${file.bytes.length}` }, body: empty };
  }
  const body = file.bytes.subarray(range.first, range.last + 1);
  const last = range.first + body.length - 1;
  return {
    status: 206,
    headers: { ...headers, "Content-Range": `bytes ${range.first}-${last}/${file.bytes.length}` },
    body,
  };
}

/** Sends an answer as it should be. */
export function send(response: ServerResponse, answer: Answer, hit: Hit): void {
  beginAnswer(response, answer, hit);
  if (hit.method !== "HEAD") hit.bytes += answer.body.length;
  response.end(hit.method === "HEAD" ? undefined : answer.body);
}

/** Sends status and headers, with the length of the whole body. */
export function beginAnswer(response: ServerResponse, answer: Answer, hit: Hit): void {
  hit.status = answer.status;
  const length = answer.status === 304 ? {} : { "Content-Length": String(answer.body.length) };
  response.writeHead(answer.status, { ...answer.headers, ...length });
}

/** A short text with a status. */
export function plain(status: number, text: string): Answer {
  return { status, headers: { "Content-Type": "text/plain" }, body: Buffer.from(`${text}\n`) };
}

const empty = Buffer.alloc(0);

async function readServed(path: string): Promise<{ bytes: Buffer; modified: Date } | null> {
  try {
    const { mtimeMs } = await stat(path);
    return { bytes: await readFile(path), modified: new Date(Math.floor(mtimeMs / 1000) * 1000) };
  } catch {
    return null;
  }
}

function isCurrent(since: string | undefined, modified: Date): boolean {
  return since !== undefined && Date.parse(since) >= modified.getTime();
}

// apt resumes a partial file with If-Range: the range holds only while the file is the same.
function rangeOf(request: IncomingMessage, modified: Date, size: number): { first: number; last: number } | null {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  if (match === null) return null;
  const ifRange = request.headers["if-range"];
  if (typeof ifRange === "string" && Date.parse(ifRange) !== modified.getTime()) return null;
  return { first: Number(match[1]), last: match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1) };
}
