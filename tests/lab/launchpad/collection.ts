import { type ApiAnswer, jsonAnswer, Refusal } from "./answer.ts";
import type { Call } from "./call.ts";
import { type Entry, represent } from "./entry.ts";

const largestPage = 300;

/** What there is to page through. Null stands for an entry that this caller may not see: counted, never shown. */
export type Listing = readonly (() => Entry | null)[];

/** A page of a collection that has an address of its own (`/bugs/1/attachments`). */
export function scopedCollection(call: Call, entryType: string, listing: Listing): ApiAnswer {
  // launchpadlib fails without the type.
  return collection(call, `${entryType}-page-resource`, listing);
}

/** A top-level collection (`/bugs`). */
export function topCollection(call: Call, type: string, listing: Listing): ApiAnswer {
  return collection(call, type, listing);
}

/** What a named operation answers with. In devel it does not count: it gives an address to ask for the number. */
export function operationCollection(call: Call, listing: Listing): ApiAnswer {
  if (asksForSize(call)) return jsonAnswer(listing.length);
  const size = call.version === "devel" ? sizeLink(call) : { total_size: listing.length };
  return jsonAnswer({ ...page(call, listing), ...size });
}

function collection(call: Call, type: string, listing: Listing): ApiAnswer {
  if (asksForSize(call)) return jsonAnswer(listing.length);
  const size = { total_size: listing.length, ...(call.version === "devel" ? sizeLink(call) : {}) };
  return jsonAnswer({ ...page(call, listing), ...size, resource_type_link: `${call.root}#${type}` });
}

function page(call: Call, listing: Listing): Record<string, unknown> {
  const size = numberIn(call, "ws.size") ?? call.settings.pageSize;
  if (size > largestPage) throw new Refusal(400, `Maximum for ws.size is ${largestPage}.`);
  const start = numberIn(call, "ws.start") ?? 0;
  const entries = listing.slice(start, start + size).flatMap((show) => {
    const entry = show();
    return entry === null ? [] : [represent(call, entry)];
  });
  const isLast = size === 0 || start + size >= listing.length;
  return {
    start,
    entries,
    ...(isLast ? {} : { next_collection_link: pageAddress(call, start + size, size) }),
    ...(start === 0 ? {} : { prev_collection_link: pageAddress(call, Math.max(0, start - size), size) }),
  };
}

function asksForSize(call: Call): boolean {
  return call.url.searchParams.get("ws.show") === "total_size";
}

function sizeLink(call: Call): { readonly total_size_link: string } {
  return { total_size_link: addressWith(call, { "ws.show": "total_size" }) };
}

function pageAddress(call: Call, start: number, size: number): string {
  return addressWith(call, { "ws.start": String(start), "ws.size": String(size) });
}

function numberIn(call: Call, name: string): number | null {
  const text = call.url.searchParams.get(name);
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Refusal(400, `${name} is not a number.`);
}

function addressWith(call: Call, values: Readonly<Record<string, string>>): string {
  const url = new URL(call.url);
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
  return url.href;
}
