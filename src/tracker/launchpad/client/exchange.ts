import { ServiceFailure } from "../../../system/failure.ts";
import { shownAddress } from "./addresses.ts";
import { authorizationOf } from "./authorization.ts";
import { type Deadline, deadlineIn } from "./deadline.ts";
import { Hiccup } from "./hiccup.ts";
import { retryAfterOf } from "./retry-after.ts";
import type { Wire } from "./wire.ts";

/** A body that is made anew for each try. */
export type RequestBody = string | { readonly sizeBytes: number; readonly pieces: AsyncIterable<Uint8Array> };

export type Request = {
  readonly method: "GET" | "PATCH" | "POST";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
};

/** A whole answer, of any status but those that mean "later". */
export type Answer = {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
};

/**
 * One request and its whole answer, within one deadline. Redirects are not followed: fetch would repeat a PATCH on a
 * 301, and a token has to be kept from other hosts.
 *
 * @throws Hiccup when there is no whole answer, or one that says "later"; it may have had its effect all the same.
 */
export function exchange(request: Request, wire: Wire): Promise<Answer> {
  return breakerFor(request.url, wire).guard(async () => {
    using deadline = deadlineIn(wire.limits.exchangeMs, wire.signal);
    const response = await send(request, wire, deadline);
    const text = await textOf(response, request, wire, deadline);
    const answer = { url: request.url, status: response.status, headers: response.headers, text };
    refuseUnlessThere(answer, request, wire);
    return answer;
  });
}

/** Sends one request and waits for the head of its answer; the token goes to the web service only. */
export async function send(request: Request, wire: Wire, deadline: Deadline): Promise<Response> {
  const { method, url, headers = {}, body } = request;
  const token = wire.credentials !== null && wire.addresses.isApi(url);
  const init: RequestInit & { duplex?: "half" } = {
    method,
    redirect: "manual",
    signal: deadline.signal,
    headers: {
      Accept: "application/json",
      "User-Agent": wire.userAgent,
      ...headers,
      ...(token && wire.credentials !== null ? { Authorization: authorizationOf(wire.credentials, wire.clock) } : {}),
      ...(body === undefined || typeof body === "string" ? {} : { "Content-Length": String(body.sizeBytes) }),
    },
    ...(body === undefined ? {} : typeof body === "string" ? { body } : { body: body.pieces, duplex: "half" }),
  };
  const response = await fetch(url, init).catch((error: unknown) => {
    throw lost(error, request, wire, deadline);
  });
  wire.log.detail("Launchpad answered", { method, url: shownAddress(url), status: response.status });
  return response;
}

/** The breaker of an address's host. */
export function breakerFor(url: URL, { addresses, breakers }: Wire) {
  return addresses.isApi(url) ? breakers.api : breakers.files;
}

/** What an exception out of fetch, or out of its body, means. */
export function lost(error: unknown, request: Request, wire: Wire, deadline: Deadline): unknown {
  if (wire.signal.aborted) return wire.signal.reason;
  const where = described(request, wire);
  if (deadline.isOver()) return new Hiccup(`${where}: no whole answer in time`);
  // fetch says "fetch failed" or "terminated"; why, its cause knows: ECONNRESET, a certificate, a bad gzip.
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const words =
    reason instanceof Error ? reason.message || ("code" in reason ? String(reason.code) : "") : String(reason);
  return new Hiccup(`${where}: ${wire.words(words)}`, { cause: error });
}

/** A request as messages name it: no header, no query of a file's address. */
export function described({ method, url }: Pick<Request, "method" | "url">, wire: Wire): string {
  const operation = wire.addresses.isApi(url) ? url.searchParams.get("ws.op") : null;
  return wire.words(`${method} ${shownAddress(url)}${operation === null ? "" : ` (${operation})`}`);
}

/** The whole text of an answer, within bounds. */
export async function textOf(response: Response, request: Request, wire: Wire, deadline: Deadline): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of response.body ?? []) {
      size += piece.length;
      if (size > wire.limits.maxAnswerBytes) break;
      pieces.push(piece);
    }
  } catch (error) {
    throw lost(error, request, wire, deadline);
  }
  if (size <= wire.limits.maxAnswerBytes) return Buffer.concat(pieces).toString("utf8");
  throw new ServiceFailure(
    `${described(request, wire)}: the answer is larger than ${wire.limits.maxAnswerBytes} bytes`,
  );
}

/** @throws Hiccup for a status that means "later": 5xx and 429. */
export function refuseUnlessThere(
  answer: Pick<Answer, "status" | "headers" | "text">,
  request: Request,
  wire: Wire,
): void {
  const { status, headers, text } = answer;
  if (status < 500 && status !== 429 && status !== 408) return;
  const oops = headers.get("x-lazr-oopsid");
  const message = [
    `${described(request, wire)}: ${status}`,
    oops === null ? "" : ` (${wire.words(oops)})`,
    text === "" ? "" : ` ${wire.words(text)}`,
  ].join("");
  const retryAfterMs = retryAfterOf(headers, wire.clock);
  // 502, 503 and 504 pass. A 500 that comes back each time is a fault of Launchpad's that somebody has to report.
  const passes = [408, 429, 502, 503, 504].includes(status);
  throw new Hiccup(message, passes ? { retryAfterMs } : { retryAfterMs, ifItLasts: new ServiceFailure(message) });
}
