import { z } from "zod";
import { ServiceFailure } from "../../../system/failure.ts";
import { checked } from "./checked.ts";
import { type Answer, described, exchange } from "./exchange.ts";
import { withTries } from "./tries.ts";
import type { Wire } from "./wire.ts";

/** One entry; null when it is not there. May be repeated, so it is. */
export async function get<T>(url: string, schema: z.ZodType<T>, wire: Wire): Promise<T | null> {
  const address = wire.addresses.api(url);
  return await withTries(wire, async () => {
    const answer = await followed(address, wire);
    return answer === null ? null : checked(answer, schema, wire);
  });
}

/** All entries of a collection, from all of its pages; null when there is no such collection. */
export async function list<T extends { readonly self_link: string }>(
  url: string,
  schema: z.ZodType<T>,
  wire: Wire,
): Promise<readonly T[] | null> {
  const pageSchema = z.object({ entries: z.array(schema), next_collection_link: z.string().nullish() });
  // By address: an entry that shifts onto the next page, because somebody changed one before it, comes twice.
  const entries = new Map<string, T>();
  const asked = new Set<string>();
  for (let next: string | null = url; next !== null; ) {
    refuseEndless(asked, next, wire);
    const page: z.output<typeof pageSchema> | null = await get(next, pageSchema, wire);
    if (page === null) return null;
    for (const entry of page.entries) entries.set(entry.self_link, entry);
    next = page.next_collection_link ?? null;
  }
  return [...entries.values()];
}

function refuseEndless(asked: Set<string>, next: string, wire: Wire): void {
  const where = described({ method: "GET", url: wire.addresses.api(next) }, wire);
  if (asked.has(next)) throw new ServiceFailure(`${where}: the pages of the collection go round in circles`);
  if (asked.size >= wire.limits.maxPages) {
    throw new ServiceFailure(`${where}: the collection has more than ${wire.limits.maxPages} pages`);
  }
  asked.add(next);
}

/** GET through redirects inside the web service (`people/+me`); null for what is gone. */
async function followed(address: URL, wire: Wire): Promise<Answer | null> {
  let url = address;
  for (let hop = 0; hop <= wire.limits.maxRedirects; hop++) {
    const answer = await exchange({ method: "GET", url }, wire);
    const { status } = answer;
    if (status === 200) return answer;
    if (status === 404 || status === 410) return null;
    const location = isRedirect(status) ? answer.headers.get("location") : null;
    if (location === null) throw refusal(answer, wire);
    url = wire.addresses.api(location, url);
  }
  throw new ServiceFailure(`${described({ method: "GET", url: address }, wire)}: redirected too often`);
}

/** Whether a status of an answer to GET says that it lies elsewhere. */
export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** An answer to GET that is none: our token is not taken, or we ask what nobody expects. */
export function refusal({ url, status, text }: Pick<Answer, "url" | "status" | "text">, wire: Wire): ServiceFailure {
  const message = `${described({ method: "GET", url }, wire)}: ${status} ${wire.words(text)}`.trim();
  if (status !== 401 && status !== 403) return new ServiceFailure(message);
  return new ServiceFailure(`Launchpad refuses us: ${message}`, {
    remedy:
      'If the token has expired or was revoked, "crash-digger launchpad login" makes a new one; else look what this account may do.',
  });
}
