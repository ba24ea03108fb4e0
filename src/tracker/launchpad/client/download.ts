import { Readable } from "node:stream";
import { ServiceFailure } from "../../../system/failure.ts";
import { type Deadline, deadlineIn } from "./deadline.ts";
import { breakerFor, described, lost, type Request, refuseUnlessThere, send, textOf } from "./exchange.ts";
import { Hiccup } from "./hiccup.ts";
import { isRedirect, refusal } from "./read.ts";
import { TooLarge } from "./too-large.ts";
import { withTries } from "./tries.ts";
import type { Download } from "./types.ts";
import type { Wire } from "./wire.ts";

type Opened = { readonly response: Response; readonly request: Request; readonly deadline: Deadline };

/** Opens the bytes behind a link; up to their head it is tried several times, what comes then only once. */
export async function download(url: string, maxBytes: number, wire: Wire): Promise<Download | null> {
  const address = wire.addresses.file(url);
  return await withTries(wire, async () => {
    const opened = await openFollowing(address, wire);
    if (opened === null) return null;
    const body = Readable.from(piecesOf(opened, maxBytes, wire), { objectMode: false });
    // A stream that is destroyed before anybody has read from it never starts the generator, and so not its end.
    body.once("close", opened.deadline.end);
    return { name: fileNameIn(opened.request.url), body };
  });
}

async function openFollowing(address: URL, wire: Wire): Promise<Opened | null> {
  let url = address;
  for (let hop = 0; hop <= wire.limits.maxRedirects; hop++) {
    const opened = await open(url, wire);
    if (opened.response.status === 200) return opened;
    const next = await placeBehind(opened, wire).finally(opened.deadline.end);
    if (next === null) return null;
    url = next;
  }
  throw new ServiceFailure(`${described({ method: "GET", url: address }, wire)}: redirected too often`);
}

/** Where an answer says that the file lies; null: nowhere. */
async function placeBehind(opened: Opened, wire: Wire): Promise<URL | null> {
  const { status, headers } = opened.response;
  if (status === 404 || status === 410) return null;
  const location = isRedirect(status) ? headers.get("location") : null;
  if (location === null) throw await refusalOf(opened, wire);
  return wire.addresses.file(location, opened.request.url);
}

function open(url: URL, wire: Wire): Promise<Opened> {
  // Identity: a front end that compresses on the way would have what is stored compressed come apart.
  const request: Request = { method: "GET", url, headers: { Accept: "*/*", "Accept-Encoding": "identity" } };
  return breakerFor(url, wire).guard(async () => {
    const deadline = deadlineIn(wire.limits.exchangeMs, wire.signal);
    try {
      const response = await send(request, wire, deadline);
      refuseUnlessThere({ status: response.status, headers: response.headers, text: "" }, request, wire);
      deadline.stop();
      return { response, request, deadline };
    } catch (error) {
      deadline.end();
      throw error;
    }
  });
}

// The way to a private file is a token that is good for a while: the next try begins with a new one.
async function refusalOf({ response, request, deadline }: Opened, wire: Wire): Promise<Error> {
  const { url } = request;
  const refusedWith = (text: string): ServiceFailure => refusal({ url, status: response.status, text }, wire);
  if (!wire.addresses.isApi(url)) return new Hiccup(refusedWith("").message, { ifItLasts: refusedWith("") });
  deadline.restart(wire.limits.exchangeMs);
  return refusedWith(await textOf(response, request, wire, deadline));
}

async function* piecesOf(opened: Opened, maxBytes: number, wire: Wire): AsyncGenerator<Uint8Array> {
  const { response, request, deadline } = opened;
  if (Number(response.headers.get("content-length")) > maxBytes) throw new TooLarge(maxBytes);
  const reader = response.body?.getReader();
  const timing = { size: 0, waitedMs: 0 };
  for (;;) {
    deadline.restart(patienceMs(timing, wire));
    const before = wire.clock.monotonicMs();
    const piece = await reader?.read().catch((error: unknown) => {
      throw lost(error, request, wire, deadline);
    });
    deadline.stop();
    if (piece?.value === undefined) return;
    timing.waitedMs += wire.clock.monotonicMs() - before;
    timing.size += piece.value.length;
    if (timing.size > maxBytes) throw new TooLarge(maxBytes);
    yield piece.value;
  }
}

// A server that sends one byte a minute never stalls, and would hold a batch for years. Only the time that it keeps
// us waiting counts: whoever reads may be slow, too.
function patienceMs({ size, waitedMs }: { size: number; waitedMs: number }, { limits }: Wire): number {
  const earnedMs = (size / limits.slowestBytesPerSecond) * 1000;
  return Math.min(limits.stallMs, Math.max(0, limits.stallMs + earnedMs - waitedMs));
}

function fileNameIn(url: URL): string {
  const segment = url.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
