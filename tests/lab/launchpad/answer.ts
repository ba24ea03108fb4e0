import type { Answer } from "../static-answer.ts";
import type { StoredFile } from "./stored-file.ts";

/** An answer whose body may be a large file. */
export type ApiAnswer = Omit<Answer, "body"> & { readonly body: Buffer | StoredFile };

/** A request that cannot be granted; thrown inside of a handler, answered at the edge. */
export class Refusal extends Error {
  readonly answer: ApiAnswer;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.answer = { ...textAnswer(status, text), headers: { "Content-Type": "text/plain", ...headers } };
  }
}

/** A text without a line break at its end, as the web service sends its complaints. */
export function textAnswer(status: number, text: string, contentType = "text/plain"): ApiAnswer {
  return { status, headers: { "Content-Type": contentType }, body: Buffer.from(text) };
}

export function jsonAnswer(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): ApiAnswer {
  const body = Buffer.from(JSON.stringify(value));
  // launchpadlib compares the whole value: no charset.
  return { status, headers: { "Content-Type": "application/json", ...headers }, body };
}

/** 201, 301 or 303: the body is empty, and Location is absolute. launchpadlib insists on a type, even of nothing. */
export function locationAnswer(status: 201 | 301 | 303, location: string): ApiAnswer {
  return { status, headers: { "Content-Type": "text/plain", Location: location }, body: Buffer.alloc(0) };
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): ApiAnswer {
  return { status, headers, body: Buffer.alloc(0) };
}

// A missing thing and a private one look the same.
export function notFound(): Refusal {
  return new Refusal(404, "Not Found");
}
