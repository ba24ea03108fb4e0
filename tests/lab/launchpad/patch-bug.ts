import type { ApiAnswer } from "./answer.ts";
import { bugEntry } from "./bug-entries.ts";
import type { Call } from "./call.ts";
import { pathOfLink } from "./entry.ts";
import { record } from "./history.ts";
import { writer } from "./oauth.ts";
import { type Changes, patchEntry } from "./patch.ts";
import { type Bug, isPrivate } from "./state.ts";
import { tagFault } from "./tags.ts";

export const limits = { titleCharacters: 200, descriptionCharacters: 50_000 };

export const informationTypes: readonly string[] = [
  "Public",
  "Public Security",
  "Private Security",
  "Private",
  "Proprietary",
  "Embargoed",
];

export function patchBug(call: Call, bug: Bug): ApiAnswer {
  writer(call.caller);
  return patchEntry(
    call,
    () => bugEntry(call, bug),
    (changes) => [...changes].flatMap(([name, value]) => faultOf(call, bug, name, value) ?? []),
    (changes) => apply(call, bug, changes),
  );
}

function faultOf(call: Call, bug: Bug, name: string, value: unknown): string | null {
  switch (name) {
    case "title":
      return textFault(name, value, limits.titleCharacters);
    case "description":
      return textFault(name, value, limits.descriptionCharacters);
    case "tags":
      return tagsFault(value);
    case "private":
    case "security_related":
      return typeof value === "boolean"
        ? null
        : `${name}: got '${typeof value}', expected bool: ${JSON.stringify(value)}`;
    case "information_type":
      return informationTypes.includes(String(value)) ? null : `${name}: Invalid value "${value}".`;
    case "duplicate_of_link":
      return duplicateFault(call, bug, value);
    default:
      return null;
  }
}

function apply(call: Call, bug: Bug, changes: Changes): void {
  for (const [name, value] of changes) {
    if (name === "title" || name === "description") setText(call, bug, name, String(value));
    if (name === "tags") setTags(call, bug, value as readonly string[]);
    if (name === "private") setPrivate(call, bug, value === true);
    if (name === "security_related") setSecurity(call, bug, value === true);
    if (name === "information_type") setType(call, bug, String(value));
    if (name === "duplicate_of_link") markDuplicate(call, bug, duplicateOf(call, value));
  }
}

function setText(call: Call, bug: Bug, name: "title" | "description", text: string): void {
  record(call, bug, name === "title" ? "summary" : name, bug[name], text);
  bug[name] = text;
}

function setTags(call: Call, bug: Bug, tags: readonly string[]): void {
  const sorted = [...new Set(tags)].sort();
  record(call, bug, "tags", bug.tags.join(" "), sorted.join(" "));
  bug.tags = sorted;
}

function setPrivate(call: Call, bug: Bug, hides: boolean): void {
  if (isPrivate(bug) !== hides) setType(call, bug, hides ? "Private" : "Public");
}

function setType(call: Call, bug: Bug, type: string): void {
  record(call, bug, "information type", bug.informationType, type);
  bug.informationType = type;
}

function setSecurity(call: Call, bug: Bug, isSecurity: boolean): void {
  const visibility = isPrivate(bug) ? "Private" : "Public";
  setType(call, bug, isSecurity ? `${visibility} Security` : visibility);
}

// Chains stay one level deep: the duplicates of a bug follow it to its master.
function markDuplicate(call: Call, bug: Bug, master: number | null): void {
  const followers = master === null ? [] : [...call.world.bugs.values()].filter((one) => one.duplicateOf === bug.id);
  for (const one of [bug, ...followers]) {
    record(call, one, "marked as duplicate", idText(one.duplicateOf), idText(master));
    one.duplicateOf = master;
  }
}

function duplicateFault(call: Call, bug: Bug, value: unknown): string | null {
  if (value === null) return null;
  const id = duplicateOf(call, value);
  const master = id === null ? undefined : call.world.bugs.get(id);
  if (master === undefined) return `duplicate_of_link: No such object "${value}".`;
  if (master === bug) return "duplicate_of_link: You can't mark a bug as a duplicate of itself.";
  if (master.duplicateOf === null) return null;
  return `duplicate_of_link: Bug ${id} is already a duplicate of bug ${master.duplicateOf}. You can only mark a bug report as duplicate of one that isn't a duplicate itself.`;
}

function duplicateOf(call: Call, value: unknown): number | null {
  const id = /^bugs\/(\d+)$/.exec(pathOfLink(call, String(value)) ?? "")?.[1];
  return id === undefined ? null : Number(id);
}

function textFault(name: string, value: unknown, characters: number): string | null {
  if (typeof value !== "string") return `${name}: got '${typeof value}', expected str: ${JSON.stringify(value)}`;
  if (value.trim() === "") return `${name}: Required input is missing.`;
  return value.length > characters ? `${name}: Value is too long` : null;
}

function tagsFault(value: unknown): string | null {
  if (!Array.isArray(value)) return "tags: Expected a list.";
  const bad = value.find((tag) => tagFault(tag) !== null);
  return bad === undefined ? null : `tags: ${tagFault(bad)}`;
}

function idText(id: number | null): string | null {
  return id === null ? null : String(id);
}
