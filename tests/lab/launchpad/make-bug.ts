import { addAttachment, addMessage } from "./history.ts";
import { setStatus } from "./patch-task.ts";
import { type Bug, isPrivate, type Task, type World } from "./state.ts";
import { fileAt, type StoredFile, storeBytes } from "./stored-file.ts";
import { targetAt } from "./targets.ts";

export type TaskSeed = {
  /** `ubuntu`, `ubuntu/+source/x`, `ubuntu/noble/+source/x`, `coreutils`. */
  readonly target: string;
  readonly status?: string | undefined;
  readonly importance?: string | undefined;
};

/** A file for a bug: its bytes, or a file on disk that is only read when somebody asks for it. */
export type AttachmentSeed = { readonly fileName: string; readonly title?: string | undefined } & (
  | { readonly bytes: Buffer | string }
  | { readonly path: string }
);

/** A bug to begin with. What is left out is as in a new bug about nothing in particular. */
export type BugSeed = {
  readonly id?: number | undefined;
  readonly owner?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly private?: boolean | undefined;
  readonly informationType?: string | undefined;
  readonly duplicateOf?: number | undefined;
  /** On the distribution `ubuntu` unless told. */
  readonly tasks?: readonly (string | TaskSeed)[] | undefined;
  readonly attachments?: readonly AttachmentSeed[] | undefined;
  readonly comments?: readonly { readonly subject?: string | undefined; readonly content: string }[] | undefined;
  readonly subscribers?: readonly string[] | undefined;
  readonly created?: Date | undefined;
  readonly updated?: Date | undefined;
};

/** Makes a bug, with the next free number unless the seed names one. */
export function makeBug(world: World, seed: BugSeed): Bug {
  const owner = seed.owner ?? "somebody";
  const created = seed.created ?? world.now();
  const description = seed.description ?? "It crashed.";
  const title = seed.title ?? "A bug";
  const bug: Bug = {
    id: seed.id ?? Math.max(0, ...world.bugs.keys()) + 1,
    owner,
    created,
    updated: created,
    title,
    description,
    tags: [...new Set(seed.tags ?? [])].sort(),
    informationType: seed.informationType ?? (seed.private === true ? "Private" : "Public"),
    duplicateOf: seed.duplicateOf ?? null,
    tasks: (seed.tasks ?? ["ubuntu"]).map((task) => makeTask(world, task, created)),
    messages: [{ number: 0, owner, subject: title, content: description, created }],
    attachments: [],
    subscribers: [owner, ...(seed.subscribers ?? [])].map((person) => ({ person, by: owner, date: created })),
    activity: [{ what: "bug", person: owner, old: null, new: "added bug", date: created }],
  };
  world.bugs.set(bug.id, bug);
  world.searches.clear();
  addContent(world, bug, seed);
  bug.updated = seed.updated ?? bug.updated;
  return bug;
}

/** The bug as it is seen by a caller; undefined when it is hidden from the public and the caller is of it. */
export function visibleBug(world: World, id: number, seesPrivate: boolean): Bug | undefined {
  const bug = world.bugs.get(id);
  return bug !== undefined && isPrivate(bug) && !seesPrivate ? undefined : bug;
}

function makeTask(world: World, seed: string | TaskSeed, created: Date): Task {
  const { target, status = "New", importance = "Undecided" } = typeof seed === "string" ? { target: seed } : seed;
  if (targetAt(world, target) === null) throw new Error(`there is no ${target} for a task`);
  const task: Task = { target, status, importance, assignee: null, created, closed: null, fixReleased: null };
  setStatus(task, status, created);
  return task;
}

function addContent(world: World, bug: Bug, seed: BugSeed): void {
  const { owner } = bug;
  for (const attachment of seed.attachments ?? []) {
    const file = storedFile(world, attachment, `seeded-${bug.id}-${bug.attachments.length}`);
    const title = attachment.title ?? attachment.fileName;
    const contentType = attachment.fileName.endsWith(".txt") ? "text/plain" : "application/octet-stream";
    addAttachment(
      world,
      bug,
      { title, type: "Unspecified", fileName: attachment.fileName, contentType, file },
      { owner, content: "" },
    );
  }
  for (const { subject = `Re: ${bug.title}`, content } of seed.comments ?? []) {
    addMessage(world, bug, { owner, subject, content });
  }
}

function storedFile(world: World, seed: AttachmentSeed, name: string): StoredFile {
  return "path" in seed ? fileAt(seed.path) : storeBytes(Buffer.from(seed.bytes), world.folder, name);
}
