import type { ServerResponse } from "node:http";
import { type Answer, beginAnswer, type Hit, plain, send } from "./static-answer.ts";

/** A way in which a mirror misbehaves. */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The length is announced, half of the body comes (or so many bytes), and the connection ends. */
  | { readonly kind: "truncated"; readonly afterBytes?: number }
  /** The right length, the wrong bytes, as from a broken proxy. */
  | { readonly kind: "wrong-bytes" }
  /** The right headers and a body of our choice, with its own length. */
  | { readonly kind: "other-body"; readonly body: Buffer }
  /** The request is accepted and never answered; with `afterHeaders` the body never comes. */
  | { readonly kind: "hang"; readonly afterHeaders?: boolean }
  /** The body comes a few bytes at a time. */
  | { readonly kind: "drip"; readonly bytesPerPiece: number; readonly pauseMs: number }
  /** Two addresses point to each other. */
  | { readonly kind: "redirect-loop" }
  /** Every answer points to yet another address. apt follows for ever: only a deadline ends it. */
  | { readonly kind: "redirect-without-end" }
  /** The connection is reset (RST) before any answer. */
  | { readonly kind: "reset" };

/** Answers a request in the wrong way. */
export function sendWrongly(response: ServerResponse, answer: Answer, hit: Hit, fault: Fault): void {
  if (fault.kind === "truncated")
    truncate(response, answer, hit, fault.afterBytes ?? Math.floor(answer.body.length / 2));
  else if (fault.kind === "hang") hang(response, answer, hit, fault.afterHeaders ?? false);
  else if (fault.kind === "drip") drip(response, answer, hit, fault);
  else if (fault.kind === "reset") response.socket?.resetAndDestroy();
  else send(response, wrongAnswer(answer, hit, fault), hit);
}

function wrongAnswer(
  answer: Answer,
  hit: Hit,
  fault: Extract<Fault, { kind: "status" | "wrong-bytes" | "other-body" | "redirect-loop" | "redirect-without-end" }>,
): Answer {
  switch (fault.kind) {
    case "status":
      return withHeaders(plain(fault.status, `Status ${fault.status} on purpose`), fault.headers);
    case "wrong-bytes":
      return { ...answer, body: inverted(answer.body) };
    case "other-body":
      return { ...answer, status: 200, body: fault.body };
    case "redirect-loop":
      return redirectTo(hit.path.endsWith("/again") ? hit.path.slice(0, -"/again".length) : `${hit.path}/again`);
    case "redirect-without-end":
      return redirectTo(nextAddress(hit.path));
  }
}

function withHeaders(answer: Answer, headers: Readonly<Record<string, string>> = {}): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function truncate(response: ServerResponse, answer: Answer, hit: Hit, afterBytes: number): void {
  beginAnswer(response, answer, hit);
  const piece = answer.body.subarray(0, afterBytes);
  hit.bytes += piece.length;
  response.write(piece, () => response.socket?.destroySoon());
}

// Nothing more is ever written. The client's time-out or the server's close ends the connection.
function hang(response: ServerResponse, answer: Answer, hit: Hit, afterHeaders: boolean): void {
  if (!afterHeaders) return;
  beginAnswer(response, answer, hit);
  response.flushHeaders();
}

function drip(
  response: ServerResponse,
  answer: Answer,
  hit: Hit,
  pace: { readonly bytesPerPiece: number; readonly pauseMs: number },
): void {
  beginAnswer(response, answer, hit);
  const timer = setInterval(() => {
    const piece = answer.body.subarray(hit.bytes, hit.bytes + pace.bytesPerPiece);
    hit.bytes += piece.length;
    response.write(piece);
    if (hit.bytes < answer.body.length) return;
    clearInterval(timer);
    response.end();
  }, pace.pauseMs);
  response.once("close", () => clearInterval(timer));
}

function redirectTo(location: string): Answer {
  return withHeaders(plain(302, "Elsewhere"), { Location: location });
}

function nextAddress(path: string): string {
  const round = Number(/\/again-(\d+)$/.exec(path)?.[1] ?? "0");
  return `${path.replace(/\/again-\d+$/, "")}/again-${round + 1}`;
}

function inverted(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0xff));
}
