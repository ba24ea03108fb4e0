import { bugResource } from "./bug-resources.ts";
import type { Call } from "./call.ts";
import { pillarResource } from "./pillar-resources.ts";
import type { Resource } from "./resource.ts";
import { personResource, rootResource } from "./root-resources.ts";

/** What an address below the version stands for; null when there is nothing, or nothing for this caller. */
export function resourceAt(call: Call, path: string): Resource | null {
  const parts = path.split("/").filter((part) => part !== "");
  const first = parts[0] ?? "";
  if (parts.length === 0 || ["people", "distributions", "projects"].includes(first)) return rootResource(call, parts);
  if (first === "bugs") return bugResource(call, parts.slice(1));
  if (first.startsWith("~")) return personResource(call, first.slice(1), parts.slice(1));
  return pillarResource(call, parts);
}
