import type { Bug, World } from "./state.ts";

/** A bug without times and numbers of its parts, so that two servers' bugs can be compared. */
export type BugSnapshot = {
  readonly id: number;
  readonly owner: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly informationType: string;
  readonly duplicateOf: number | null;
  readonly tasks: readonly Readonly<Record<"target" | "status" | "importance", string>>[];
  /** By title. */
  readonly attachments: readonly {
    readonly title: string;
    readonly fileName: string;
    readonly sizeBytes: number;
    readonly sha256: string;
  }[];
  /** In their order, without the description. */
  readonly comments: readonly Readonly<Record<"owner" | "subject" | "content", string>>[];
  readonly subscribers: readonly string[];
};

/** All that can differ between two servers after the same work, in an order that does not depend on its order. */
export type Dump = { readonly bugs: readonly BugSnapshot[] };

export function dumpOf(world: World): Dump {
  const bugs = [...world.bugs.values()].sort((left, right) => left.id - right.id);
  return { bugs: bugs.map(snapshotOf) };
}

export function snapshotOf(bug: Bug): BugSnapshot {
  const { id, owner, title, description, tags, informationType, duplicateOf } = bug;
  const attachments = bug.attachments.map(({ title, fileName, file: { sizeBytes, sha256 } }) => ({
    title,
    fileName,
    sizeBytes,
    sha256,
  }));
  return {
    id,
    owner,
    title,
    description,
    tags,
    informationType,
    duplicateOf,
    tasks: sortedBy(
      bug.tasks.map(({ target, status, importance }) => ({ target, status, importance })),
      "target",
    ),
    attachments: sortedBy(attachments, "title"),
    comments: bug.messages.slice(1).map(({ owner, subject, content }) => ({ owner, subject, content })),
    subscribers: bug.subscribers.map(({ person }) => person).sort(),
  };
}

function sortedBy<K extends string, T extends Readonly<Record<K, string>>>(items: readonly T[], key: K): readonly T[] {
  return items.toSorted((left, right) => (left[key] < right[key] ? -1 : Number(left[key] > right[key])));
}
