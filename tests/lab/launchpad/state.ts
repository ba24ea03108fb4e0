import type { StoredFile } from "./stored-file.ts";

/** A person or a team. */
export type Person = {
  readonly name: string;
  readonly displayName: string;
  /** Null for a person. */
  readonly members: readonly string[] | null;
};

/** A distribution's series, with the status as Launchpad names it ("Current Stable Release"). */
export type DistroSeries = {
  readonly name: string;
  readonly version: string;
  readonly status: string;
  readonly architectures: readonly string[];
};

export type Distribution = {
  readonly name: string;
  readonly displayName: string;
  readonly series: readonly DistroSeries[];
  /** The team whose members may triage. */
  readonly bugSupervisor: string;
};

export type Project = {
  readonly name: string;
  readonly displayName: string;
  readonly series: readonly string[];
  readonly bugSupervisor: string;
};

export type Task = {
  /** What is concerned, as its path: `ubuntu`, `ubuntu/+source/x`, `ubuntu/noble/+source/x`, `coreutils/trunk`. */
  target: string;
  status: string;
  importance: string;
  assignee: string | null;
  readonly created: Date;
  closed: Date | null;
  fixReleased: Date | null;
};

export type Message = {
  readonly number: number;
  readonly owner: string;
  readonly subject: string;
  readonly content: string;
  readonly created: Date;
};

export type Attachment = {
  readonly id: number;
  title: string;
  type: "Patch" | "Unspecified";
  readonly fileName: string;
  readonly contentType: string;
  readonly file: StoredFile;
  /** Number of the comment that was made with it. */
  readonly message: number;
};

export type Activity = {
  readonly what: string;
  readonly person: string;
  readonly old: string | null;
  readonly new: string | null;
  readonly date: Date;
};

export type Bug = {
  readonly id: number;
  readonly owner: string;
  readonly created: Date;
  updated: Date;
  title: string;
  description: string;
  tags: readonly string[];
  informationType: string;
  duplicateOf: number | null;
  readonly tasks: Task[];
  /** The first one is the description. */
  readonly messages: Message[];
  readonly attachments: Attachment[];
  readonly subscribers: { readonly person: string; readonly by: string; readonly date: Date }[];
  readonly activity: Activity[];
};

/** A source or a binary in a series of the primary archive. */
export type Publication = {
  readonly id: number;
  readonly distribution: string;
  readonly series: string;
  readonly pocket: string;
  readonly status: string;
  readonly source: string;
  readonly sourceVersion: string;
  readonly binary: {
    readonly name: string;
    readonly version: string;
    readonly architecture: string;
    readonly files: readonly { readonly name: string; readonly file: StoredFile }[];
  } | null;
};

/** Everything that the server remembers of the bugs' world. Requests change it one after the other. */
export type World = {
  readonly people: Map<string, Person>;
  readonly distributions: Map<string, Distribution>;
  readonly projects: Map<string, Project>;
  readonly bugs: Map<number, Bug>;
  readonly publications: Publication[];
  /** What searches have found since the last change, in order; emptied by whoever changes something. */
  readonly searches: Map<string, readonly { readonly bug: Bug; readonly task: Task }[]>;
  /** The last number given to an attachment, a publication or a file of the librarian. */
  lastNumber: number;
  /** Strictly growing, so that of two changes one is the later. */
  readonly now: () => Date;
  /** Where larger files are kept. */
  readonly folder: string;
};

export const openStatuses: readonly string[] = [
  "New",
  "Deferred",
  "Incomplete",
  "Confirmed",
  "Triaged",
  "In Progress",
  "Fix Committed",
];

export const taskStatuses: readonly string[] = [
  ...openStatuses,
  "Opinion",
  "Invalid",
  "Won't Fix",
  "Expired",
  "Fix Released",
  "Does Not Exist",
];

/** From the least important on. */
export const importances: readonly string[] = ["Undecided", "Wishlist", "Low", "Medium", "High", "Critical"];

/** Whether a bug is hidden from the public. */
export function isPrivate(bug: Bug): boolean {
  return !bug.informationType.startsWith("Public");
}

/** The next number for something that needs one. */
export function nextNumber(world: World): number {
  world.lastNumber += 1;
  return world.lastNumber;
}

/** Whether a name is the person, or one of the team's members, however deep. */
export function belongsTo(world: World, name: string, team: string): boolean {
  const seen = new Set<string>();
  const waiting = [team];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === name) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(world.people.get(next)?.members ?? []));
  }
  return false;
}
