import { z } from "zod";
import type { TaskEntry } from "./entries.ts";
import { type Place, placeOf, type Target } from "./target.ts";

const givenUp: readonly string[] = ["Invalid", "Won't Fix", "Expired", "Does Not Exist"];

/** What tasks tell: `fixed-in` is fixed in the version in which the distribution has this package now. */
export const summarySchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["open", "invalid"]) }),
  z.object({ kind: z.literal("fixed"), version: z.string() }),
  z.object({ kind: z.literal("fixed-in"), sourcePackage: z.string() }),
]);
export type Summary = z.output<typeof summarySchema>;

/** A task as far as a status depends on it. */
export type PlacedTask = { readonly place: Place; readonly status: string };

/**
 * The status as far as the tasks tell it. One fixed package: fixed in the version that the target now ships
 * (`fixed-in`). Several: nobody knows which one carried the bug, so the version is unknown.
 */
export function summaryOf(tasks: readonly TaskEntry[], target: Target): Summary {
  const placed = tasks.map(({ status, target_link }) => ({ status, place: placeOf(target_link, target) }));
  return summaryOfPlaced(placed, target.kind);
}

/** The same for tasks of which it is known where they stand. */
export function summaryOfPlaced(tasks: readonly PlacedTask[], kind: Target["kind"]): Summary {
  return kind === "distribution" ? inDistribution(tasks) : inProject(tasks);
}

function inDistribution(placed: readonly PlacedTask[]): Summary {
  const onPackages = placed.filter(({ place }) => place.kind === "package");
  const [fixed, ...more] = onPackages.filter(({ status }) => status === "Fix Released");
  if (fixed?.place.kind === "package" && more.length === 0) {
    return { kind: "fixed-in", sourcePackage: fixed.place.sourcePackage };
  }
  const onItself = placed.filter(({ place }) => place.kind === "itself");
  if (fixed !== undefined || onItself.some(({ status }) => status === "Fix Released")) return fixedSomewhere;
  return allGivenUp([...onPackages, ...onItself]) ? { kind: "invalid" } : { kind: "open" };
}

function inProject(placed: readonly PlacedTask[]): Summary {
  const ours = placed.filter(({ place }) => place.kind !== "other");
  if (ours.some(({ status }) => status === "Fix Released")) return fixedSomewhere;
  return ours.some(({ status }) => status === "Invalid") ? { kind: "invalid" } : { kind: "open" };
}

const fixedSomewhere: Summary = { kind: "fixed", version: "" };

function allGivenUp(tasks: readonly { readonly status: string }[]): boolean {
  return tasks.length > 0 && tasks.every(({ status }) => givenUp.includes(status));
}
