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
import type { Population } from "./population.ts";

/** A bug as it has to be in the end. Lists that have no order on Launchpad are sorted by `sorted`. */
export type ExpectedBug = {
  readonly id: number;
  title: string;
  tags: string[];
  isPrivate: boolean;
  duplicateOf: number | null;
  readonly tasks: { target: string; status: string; importance: string }[];
  attachments: string[];
  /** Subject and last line; of a comment that came with a file its name. */
  readonly comments: string[];
  readonly subscribers: string[];
};

/** A crash that later ones are compared with. */
type KnownCrash = { readonly bug: ExpectedBug; readonly what: string };

const traces = ["Stacktrace.txt", "ThreadStacktrace.txt", "StacktraceTop.txt"];
const seriesTags = ["questing", "plucky", "noble", "jammy"];
const openStatuses = ["New", "Confirmed", "Triaged", "In Progress"];
const escalateFrom = 2;
const ourReleases: readonly string[] = [oursRelease, "Lab 1"];

/**
 * What has to become of every bug, by the rules of Apport's retracer for what it does to a bug: told by the recipes
 * alone, one bug after the other, without a batch.
 */
export function expectedBugs({ before, acts, waiting }: Population, first: number, architecture: string) {
  const model = new Model(architecture);
  for (const [at, recipe] of before.entries()) model.add(first + at, recipe);
  model.workThrough();
  const settled = model.bugs();
  for (const each of acts) model.act(each, first);
  for (const [at, recipe] of waiting.entries()) model.add(first + before.length + at, recipe);
  model.workThrough();
  return { before: settled, after: model.bugs() };
}

class Model {
  readonly #architecture: string;
  readonly #bugs = new Map<number, { readonly bug: ExpectedBug; readonly recipe: BugRecipe; isDone: boolean }>();
  readonly #known: KnownCrash[] = [];

  constructor(architecture: string) {
    this.#architecture = architecture;
  }

  add(id: number, recipe: BugRecipe): void {
    this.#bugs.set(id, { bug: filed(id, recipe, this.#architecture), recipe, isDone: false });
  }

  act(each: PersonsAct, first: number): void {
    const bug = this.#bug(first + each.bug);
    if (each.kind === "tag") bug.tags.push(each.tag);
    if (each.kind === "duplicate") bug.duplicateOf = first + each.of;
    const [task] = bug.tasks;
    if (each.kind === "status" && task !== undefined) task.status = each.status;
  }

  bugs(): readonly ExpectedBug[] {
    return [...this.#bugs.values()].map(({ bug }) => structuredClone(sorted(bug)));
  }

  /** Lowest number first: of equal crashes the oldest bug is the master. */
  workThrough(): void {
    for (const entry of this.#bugs.values()) {
      if (!entry.isDone) this.#work(entry.bug, entry.recipe);
      entry.isDone = true;
    }
  }

  #bug(id: number): ExpectedBug {
    const entry = this.#bugs.get(id);
    if (entry === undefined) throw new Error(`there is no bug ${id}`);
    return entry.bug;
  }

  #work(bug: ExpectedBug, recipe: BugRecipe): void {
    const task = ourTask(bug);
    const { what, release = oursRelease } = recipe;
    if (what === "plain" || task === undefined || !openStatuses.includes(task.status)) return;
    const isForeign = isCoreLike(recipe) && !ourReleases.includes(release ?? "");
    if (["no-core", "garbage", "cut"].includes(what)) this.#invalid(bug);
    else if (isForeign && release === null) this.#unmark(bug);
    else if (!isForeign) this.#compare(bug, recipe);
  }

  #compare(bug: ExpectedBug, recipe: BugRecipe): void {
    const { master, fixed } = this.#masterFor(recipe);
    if (master !== null) this.#duplicate(bug, recipe, master);
    else {
      if (fixed !== null) this.#regression(bug, fixed);
      if (recipe.what === "core") traced(bug, recipe);
      this.#known.push({ bug, what: identityOf(recipe) });
    }
    checked(bug, recipe);
    this.#unmark(bug);
  }

  // A duplicate or an invalid bug is nobody's master. A fixed one is, for those that do not have the fix.
  #masterFor(recipe: BugRecipe): { master: ExpectedBug | null; fixed: ExpectedBug | null } {
    const same = this.#known.filter(({ what }) => what === identityOf(recipe)).map(({ bug }) => bug);
    const alive = same.filter(({ duplicateOf }) => duplicateOf === null);
    const fixed = alive.find((bug) => ourTask(bug)?.status === "Fix Released") ?? null;
    const open = alive.find((bug) => openStatuses.includes(ourTask(bug)?.status ?? "")) ?? null;
    const lacksFix = fixed !== null && Number.parseFloat(versionOf(recipe)) < Number.parseFloat(fixedVersion);
    return { master: lacksFix ? fixed : open, fixed };
  }

  #duplicate(bug: ExpectedBug, recipe: BugRecipe, master: ExpectedBug): void {
    bug.duplicateOf = master.id;
    bug.isPrivate = false;
    bug.attachments = bug.attachments.filter((title) => title === "JournalErrors.txt" || title === "Traceback.txt");
    bug.comments.push(`This crash is a duplicate [crash-digger:duplicate:${bug.id}:${master.id}]`);
    const wantsTrace = master.tags.some((tag) => tag === "apport-request-retrace" || tag === "apport-failed-retrace");
    if (recipe.what === "core" && wantsTrace) {
      attachTraces(master);
      remove(master.tags, ["apport-request-retrace", "apport-failed-retrace"]);
    }
    add(
      master.tags,
      bug.tags.filter((tag) => tag === "bugpattern-needed" || seriesTags.includes(tag)),
    );
    const duplicates = [...this.#bugs.values()].filter((each) => each.bug.duplicateOf === master.id);
    if (duplicates.length < escalateFrom) return;
    add(master.tags, ["often-reported"]);
    add(master.subscribers, ["apport-hackers"]);
  }

  #regression(bug: ExpectedBug, fixed: ExpectedBug): void {
    bug.comments.push(`Possible regression detected [crash-digger:regression:${bug.id}:${fixed.id}]`);
    add(bug.tags, ["regression-retracer"]);
  }

  #invalid(bug: ExpectedBug): void {
    const task = ourTask(bug);
    if (task !== undefined) task.status = "Invalid";
    remove(bug.attachments, ["CoreDump.gz"]);
    bug.comments.push(`Crash report cannot be processed [crash-digger:invalid:${bug.id}]`);
    remove(bug.tags, [`need-${this.#architecture}-retrace`]);
  }

  #unmark(bug: ExpectedBug): void {
    remove(bug.tags, [`need-${this.#architecture}-retrace`]);
  }
}

/** Title and traces of a crash that nobody knew. */
function traced(bug: ExpectedBug, recipe: BugRecipe): void {
  attachTraces(bug);
  remove(bug.attachments, ["CoreDump.gz"]);
  if (recipe.title === undefined) bug.title = `places crashed with SIGSEGV in inner_${recipe.crash}()`;
  const task = ourTask(bug);
  if (task !== undefined) task.importance = "Medium";
}

/** What every bug gets that was compared with others. */
function checked(bug: ExpectedBug, recipe: BugRecipe): void {
  const { release = oursRelease } = recipe;
  const task = ourTask(bug);
  if (task === undefined) return;
  if (recipe.what === "python") task.importance = "Medium";
  if (task.target === "ubuntu") task.target = `ubuntu/+source/${sourcePackageOf(recipe)}`;
  remove(bug.tags, ["need-duplicate-check"]);
  if (release?.startsWith("Ubuntu") === true) add(bug.subscribers, ["ubuntu-crashes-universe"]);
}

// Those of an earlier retrace are replaced; what was said when they came stays.
function attachTraces(bug: ExpectedBug): void {
  add(
    bug.attachments,
    traces.map((name) => `${name} (retraced)`),
  );
  bug.comments.push(...traces);
}

function filed(id: number, recipe: BugRecipe, architecture: string): ExpectedBug {
  const tasks = recipe.tasks ?? [`ubuntu/+source/${sourcePackageOf(recipe)}`];
  return {
    id,
    title: titleOf(recipe),
    tags: [...tagsOf(recipe, architecture)],
    isPrivate: recipe.private === true,
    duplicateOf: null,
    tasks: tasks.map((task) => ({
      status: "New",
      importance: "Undecided",
      ...(typeof task === "string" ? { target: task } : (task as { target: string })),
    })),
    attachments: attachedTo(recipe),
    comments: [],
    subscribers: ["somebody"],
  };
}

function attachedTo({ what }: BugRecipe): string[] {
  if (what === "plain") return [];
  if (what === "python") return [...reportersFiles, "Traceback.txt"];
  return what === "no-core" ? [...reportersFiles] : [...reportersFiles, "CoreDump.gz"];
}

function ourTask({ tasks }: ExpectedBug): ExpectedBug["tasks"][number] | undefined {
  return tasks.find(({ target }) => target === "ubuntu" || target.startsWith("ubuntu/+source/"));
}

function identityOf({ what, crash }: BugRecipe): string {
  return `${what === "python" ? packages.script : packages.program} ${crash}`;
}

function add(list: string[], items: readonly string[]): void {
  list.push(...items.filter((item) => !list.includes(item)));
}

function remove(list: string[], items: readonly string[]): void {
  list.splice(0, list.length, ...list.filter((item) => !items.includes(item)));
}

/** The same bug, its lists in order. */
export function sorted(bug: ExpectedBug): ExpectedBug {
  return {
    ...bug,
    tags: bug.tags.toSorted(),
    tasks: bug.tasks.toSorted((left, right) => (left.target < right.target ? -1 : 1)),
    attachments: bug.attachments.toSorted(),
    comments: bug.comments.toSorted(),
    subscribers: bug.subscribers.toSorted(),
  };
}
