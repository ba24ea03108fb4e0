import type { BugSeed } from "../launchpad/make-bug.ts";
import type { LaunchpadLab } from "../launchpad/start-launchpad.ts";
import { crashAsBug } from "../tracker/crash-as-bug.ts";
import {
  type BugRecipe,
  fixedVersion,
  isCoreLike,
  oursRelease,
  type PersonsAct,
  packages,
  reportersFiles,
  sourcePackageOf,
  tagsOf,
  titleOf,
  versionOf,
} from "./bug-recipe.ts";
import type { BugWorld } from "./bug-world.ts";

/** Numbers of the bugs that are filed, from the first one on. */
export const firstBug = 20_001;

/** Files bugs, numbered on from the first. */
export async function fileBugs(
  launchpad: LaunchpadLab,
  world: BugWorld,
  recipes: readonly BugRecipe[],
  from = firstBug,
): Promise<void> {
  for (const [at, recipe] of recipes.entries()) {
    launchpad.addBug({
      ...(recipe.what === "plain" ? {} : await crashBug(recipe, world)),
      id: from + at,
      title: titleOf(recipe),
      tags: tagsOf(recipe, world.architecture),
      private: recipe.private === true,
      tasks: recipe.tasks ?? [`ubuntu/+source/${sourcePackageOf(recipe)}`],
    });
  }
}

async function crashBug(recipe: BugRecipe, world: BugWorld): Promise<Partial<BugSeed>> {
  const { description, attachments = [] } = crashAsBug(fieldsOf(recipe, world));
  const files = reportersFiles.map((fileName) => ({ fileName, bytes: `what ${fileName} says` }));
  return { description, attachments: [...(await coreOf(recipe, world)), ...files, ...attachments] };
}

/** Does to the bugs what people did. */
export function act(launchpad: LaunchpadLab, acts: readonly PersonsAct[]): void {
  launchpad.publish({ series: "questing", source: packages.script, version: fixedVersion });
  for (const each of acts) {
    launchpad.edit(firstBug + each.bug, (bug) => {
      if (each.kind === "tag") bug.tags = [...bug.tags, each.tag].sort();
      if (each.kind === "duplicate") bug.duplicateOf = firstBug + each.of;
      const [task] = bug.tasks;
      if (each.kind === "status" && task !== undefined) task.status = each.status;
    });
  }
}

function fieldsOf(recipe: BugRecipe, world: BugWorld): Readonly<Record<string, string>> {
  const { release = oursRelease } = recipe;
  const sourcePackage = sourcePackageOf(recipe);
  const common = {
    ProblemType: "Crash",
    Architecture: world.architecture,
    ...(release === null ? {} : { DistroRelease: release }),
    Package: `${sourcePackage} ${versionOf(recipe)}`,
    SourcePackage: sourcePackage,
    Title: titleOf(recipe),
  };
  if (!isCoreLike(recipe)) return { ...common, ExecutablePath: "/usr/bin/sheet", Traceback: traceback(recipe.crash) };
  const { executablePath } = world;
  const addresses = [1, 2, 3].map((offset) => `${executablePath}+${(recipe.crash * 256 + offset).toString(16)}`);
  const told = { StacktraceAddressSignature: [executablePath, "11", ...addresses].join(":") };
  const crash = { ...common, ExecutablePath: executablePath, Signal: "11", SignalName: "SIGSEGV" };
  return recipe.tellsAddresses === true ? { ...crash, ...told } : crash;
}

function traceback(crash: number): string {
  return [
    "Traceback (most recent call last):",
    '  File "/usr/bin/sheet", line 3, in main',
    `    total_${crash}(hours)`,
    `  File "/usr/bin/sheet", line ${10 + crash}, in total_${crash}`,
    '    raise KeyError("week")',
    "KeyError: 'week'",
  ].join("\n");
}

type Files = readonly { readonly fileName: string; readonly bytes: Buffer | string }[];

async function coreOf({ what, crash, run }: BugRecipe, world: BugWorld): Promise<Files> {
  if (what === "core") return [{ fileName: "CoreDump.gz", bytes: await world.core(crash, run) }];
  if (what === "cut") return [{ fileName: "CoreDump.gz", bytes: await world.halfCore(crash) }];
  return what === "known" || what === "garbage" ? [{ fileName: "CoreDump.gz", bytes: "this is no core" }] : [];
}
