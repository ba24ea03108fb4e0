import type { z } from "zod";
import { ServiceFailure } from "../../../system/failure.ts";
import { checked } from "./checked.ts";
import { type Answer, described, exchange, type Request } from "./exchange.ts";
import { Hiccup } from "./hiccup.ts";
import { get } from "./read.ts";
import { pauseOrThrow } from "./tries.ts";
import type { Changed, Entry } from "./types.ts";
import type { Wire } from "./wire.ts";
import { unsuccessful } from "./write-answer.ts";

type Attributes = Readonly<Record<string, unknown>>;

/**
 * Changes attributes of an entry, unless somebody else was quicker: then it is read again, and `wanted` asked again.
 * The same after a lost answer: if the change was made, `wanted` finds nothing left to do.
 */
export async function change<T extends Entry>(
  entry: T | string,
  schema: z.ZodType<T>,
  wanted: (entry: T) => Attributes | null,
  wire: Wire,
): Promise<Changed<T>> {
  const address = typeof entry === "string" ? entry : entry.self_link;
  let current = typeof entry === "string" ? await get(entry, schema, wire) : entry;
  for (let turn = 1; ; turn++) {
    if (current === null) return { kind: "absent" };
    const attributes = wanted(current);
    if (attributes === null) return { kind: "unchanged", entry: current };
    try {
      return await patch(current, attributes, schema, wire);
    } catch (error) {
      await pauseOrThrow(error, turn, wire);
      current = await get(address, schema, wire);
    }
  }
}

async function patch<T extends Entry>(
  entry: T,
  attributes: Attributes,
  schema: z.ZodType<T>,
  wire: Wire,
): Promise<Changed<T>> {
  const request: Request = {
    method: "PATCH",
    url: wire.addresses.api(entry.self_link),
    headers: { "Content-Type": "application/json", "If-Match": headerValue(entry.http_etag, wire) },
    body: JSON.stringify(attributes),
  };
  const answer = await exchange(request, wire);
  switch (answer.status) {
    case 200:
    case 209:
      return { kind: "changed", entry: checked(answer, schema, wire) };
    case 301:
      return { kind: "moved", url: movedTo(answer, request, wire) };
    case 412:
      throw new Hiccup(`${described(request, wire)}: somebody else has changed it in between`);
    default:
      return await unsuccessful(answer, request, wire);
  }
}

function movedTo(answer: Answer, request: Request, wire: Wire): string {
  const location = answer.headers.get("location");
  if (location !== null) return wire.addresses.api(location, request.url).href;
  throw new Hiccup(`${described(request, wire)}: moved, but not whereto`);
}

// An ETag is foreign too, and fetch throws a TypeError for what cannot stand in a header.
function headerValue(etag: string, wire: Wire): string {
  if (/^[\x21-\x7e]{1,500}$/.test(etag)) return etag;
  throw new ServiceFailure(`an entry of Launchpad has no usable http_etag: ${wire.words(etag)}`);
}
