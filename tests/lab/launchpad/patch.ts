import { type ApiAnswer, emptyAnswer, jsonAnswer, locationAnswer, Refusal } from "./answer.ts";
import type { Call } from "./call.ts";
import { type Entry, etagOf, isOutdated, linkTo, represent } from "./entry.ts";

export type Changes = ReadonlyMap<string, unknown>;

/**
 * Carries out a PATCH: 412 when somebody else was faster, 400 with a line for each bad attribute, else all
 * of it at once and 209 with the entry as it is now, or 301 when that has another address now.
 *
 * @param faultsOf says of each attribute what is wrong with its new value.
 */
export function patchEntry(
  call: Call,
  read: () => Entry,
  faultsOf: (changes: Changes) => readonly string[],
  apply: (changes: Changes) => void,
): ApiAnswer {
  const before = read();
  const changes = changesIn(call);
  if (isOutdated(call, before)) return emptyAnswer(412);
  const unknown = [...changes].flatMap(([name, value]) => unwritable(before, name, value));
  const faults = [...unknown, ...(unknown.length > 0 ? [] : faultsOf(changes))];
  if (faults.length > 0) throw new Refusal(400, faults.join("\n"));
  apply(new Map([...changes].filter(([name]) => name in before.writable)));
  const after = read();
  if (after.path !== before.path) return locationAnswer(301, linkTo(call, after.path));
  return jsonAnswer(represent(call, after), 209, { ETag: etagOf(after) });
}

function changesIn(call: Call): Changes {
  if (!/^application\/json\b/i.test(call.headers["content-type"] ?? "")) throw new Refusal(415, "");
  try {
    const value: unknown = JSON.parse(call.body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return new Map(Object.entries(value));
  } catch {
    throw new Refusal(400, "Entity-body was not a well-formed JSON document.");
  }
  throw new Refusal(400, "Expected a JSON hash.");
}

function unwritable(entry: Entry, name: string, value: unknown): readonly string[] {
  if (name in entry.writable) return [];
  if (!(name in entry.fixed) || JSON.stringify(entry.fixed[name]) === JSON.stringify(value)) {
    return name in entry.fixed ? [] : [`${name}: You tried to modify a nonexistent attribute.`];
  }
  if (name.endsWith("_collection_link")) return [`${name}: You tried to modify a collection attribute.`];
  return [`${name}: You tried to modify a read-only attribute.`];
}
