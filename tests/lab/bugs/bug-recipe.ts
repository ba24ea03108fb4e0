import type { BugSeed } from "../launchpad/make-bug.ts";

/**
 * What a bug is made of, in words that say what should become of it.
 * - `core`: a real core of the place `crash`
 * - `known`: the addresses of place `crash`, and a core that nobody is to look at
 * - `python`: the traceback number `crash`
 * - `garbage`, `cut`: a core that is none, or half of one
 * - `no-core`: it waits for a retrace, and has no core
 * - `plain`: a person's bug, no crash
 */
export type BugRecipe = {
  readonly what: "core" | "known" | "python" | "garbage" | "cut" | "no-core" | "plain";
  readonly crash: number;
  /**
   * Which of several crashes in the same place: none of their traces are equal. (An equal one that is there already is
   * not attached again after an answer was lost, so that what was said would depend on chance.)
   */
  readonly run?: number;
  /** DistroRelease; null: the report names none. */
  readonly release?: string | null;
  readonly version?: string;
  readonly private?: boolean;
  /** The report carries the place's address signature. */
  readonly tellsAddresses?: boolean;
  readonly tags?: readonly string[];
  /** The package's own unless told. */
  readonly tasks?: NonNullable<BugSeed["tasks"]>;
  readonly title?: string;
};

/** What a person does to a bug that was worked on; `of` and `bug` count from the first bug of all. */
export type PersonsAct =
  | { readonly kind: "tag"; readonly bug: number; readonly tag: string }
  | { readonly kind: "status"; readonly bug: number; readonly status: string }
  | { readonly kind: "duplicate"; readonly bug: number; readonly of: number };

export const oursRelease = "Ubuntu 25.10";
export const packages = { program: "places", script: "sheet" } as const;

/** The version in which the script's crash is fixed, once a person has said that it is. */
export const fixedVersion = "2.0-1";

export function isCoreLike({ what }: BugRecipe): boolean {
  return what !== "python" && what !== "plain";
}

export function sourcePackageOf(recipe: BugRecipe): string {
  return recipe.what === "python" ? packages.script : packages.program;
}

export function versionOf({ version = "1.0-1" }: BugRecipe): string {
  return version;
}

export function tagsOf(recipe: BugRecipe, architecture: string): readonly string[] {
  if (recipe.what === "plain") return recipe.tags ?? [];
  const mark = isCoreLike(recipe) ? `need-${architecture}-retrace` : "need-duplicate-check";
  return ["apport-crash", mark, ...(recipe.tags ?? [])];
}

export function titleOf(recipe: BugRecipe): string {
  if (recipe.title !== undefined) return recipe.title;
  return isCoreLike(recipe) ? "places crashed with SIGSEGV in ??()" : "sheet crashed with KeyError in total()";
}

/** Attachments of the reporter's, beside the core; a duplicate has no use for the first. */
export const reportersFiles = ["ProcStatus.txt", "JournalErrors.txt"] as const;
