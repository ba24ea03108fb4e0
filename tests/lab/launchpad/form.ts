import { Refusal } from "./answer.ts";

/** The arguments of a POST: a form, or a multipart form when something binary is in it. */
export function formArguments(contentType: string, body: Buffer): ReadonlyMap<string, Buffer> {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary !== undefined) return multipartArguments(boundary, body);
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType)) throw new Refusal(415, "");
  return queryArguments(new URLSearchParams(body.toString("utf8")));
}

/** The arguments of a GET. */
export function queryArguments(query: URLSearchParams): ReadonlyMap<string, Buffer> {
  return new Map([...query].map(([name, value]) => [name, Buffer.from(value)]));
}

/** Parts as RFC 7578 has them, with CRLF. Throws Refusal 400 when the end or a part's head is missing. */
function multipartArguments(boundary: string, body: Buffer): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  const separator = Buffer.from(`\r\n--${boundary}`);
  const text = Buffer.concat([Buffer.from("\r\n"), body]);
  let start = text.indexOf(separator);
  while (start >= 0) {
    const begin = start + separator.length;
    if (text.subarray(begin, begin + 2).toString("latin1") === "--") return found;
    const end = text.indexOf(separator, begin);
    if (end < 0) break;
    addPart(found, text.subarray(begin + 2, end));
    start = end;
  }
  throw new Refusal(400, "Ill-formed multipart body.");
}

function addPart(found: Map<string, Buffer>, part: Buffer): void {
  const headEnd = part.indexOf("\r\n\r\n");
  const name = /\bname="([^"]*)"/.exec(part.subarray(0, Math.max(headEnd, 0)).toString("utf8"))?.[1];
  if (name === undefined) throw new Refusal(400, "Ill-formed multipart body.");
  found.set(name, part.subarray(headEnd + 4));
}
