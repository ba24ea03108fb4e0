/** How a bug stands: its tasks (`P` and `Q` for two source packages), and what a source says of it. */
export type Kind = {
  readonly name: string;
  /** How many of a hundred thousand bugs, about. */
  readonly often: number;
  readonly tasks: readonly (readonly [target: string, status: string])[];
  /** `fixed in P`: in the version in which P is published, or invalid when it is not. `absent`: there is no such bug. */
  readonly says: "open" | "invalid" | "fixed" | "fixed in P" | "absent";
  readonly isPrivate?: true;
  readonly isDuplicate?: true;
  readonly isGone?: true;
  readonly isUntagged?: true;
};

const onP = "ubuntu/+source/P";
const onQ = "ubuntu/+source/Q";

/** Every kind of bug in a distribution. */
export const kindsInDistribution: readonly Kind[] = [
  { name: "open", often: 52_000, tasks: [[onP, "New"]], says: "open" },
  { name: "being worked on", often: 9_000, tasks: [[onP, "In Progress"]], says: "open" },
  { name: "somebody's opinion", often: 20, tasks: [[onP, "Opinion"]], says: "open" },
  { name: "open and private", often: 15_000, tasks: [[onP, "Confirmed"]], says: "open", isPrivate: true },
  { name: "on the distribution", often: 800, tasks: [["ubuntu", "Incomplete"]], says: "open" },
  { name: "fixed", often: 22_000, tasks: [[onP, "Fix Released"]], says: "fixed in P" },
  { name: "fixed and private", often: 900, tasks: [[onP, "Fix Released"]], says: "fixed in P", isPrivate: true },
  { name: "fix committed", often: 40, tasks: [[onP, "Fix Committed"]], says: "open" },
  {
    name: "fixed in two packages",
    often: 15,
    tasks: [
      [onP, "Fix Released"],
      [onQ, "Fix Released"],
    ],
    says: "fixed",
  },
  {
    name: "fixed in one of two packages",
    often: 15,
    tasks: [
      [onP, "Fix Released"],
      [onQ, "Invalid"],
    ],
    says: "fixed in P",
  },
  { name: "fixed in the distribution", often: 15, tasks: [["ubuntu", "Fix Released"]], says: "fixed" },
  {
    name: "fixed in the distribution, its package open",
    often: 10,
    tasks: [
      ["ubuntu", "Fix Released"],
      [onP, "Triaged"],
    ],
    says: "fixed",
  },
  {
    name: "fixed in an old series alone",
    often: 15,
    tasks: [
      [onP, "Triaged"],
      ["ubuntu/noble/+source/P", "Fix Released"],
    ],
    says: "open",
  },
  {
    name: "given up in an old series, fixed",
    often: 15,
    tasks: [
      ["ubuntu/noble/+source/P", "Won't Fix"],
      [onP, "Fix Released"],
    ],
    says: "fixed in P",
  },
  {
    name: "fixed upstream alone",
    often: 20,
    tasks: [
      ["coreutils", "Fix Released"],
      [onP, "New"],
    ],
    says: "open",
  },
  { name: "invalid", often: 40, tasks: [[onP, "Invalid"]], says: "invalid" },
  { name: "never to be fixed", often: 15, tasks: [["ubuntu", "Won't Fix"]], says: "invalid" },
  { name: "does not exist", often: 5, tasks: [[onP, "Does Not Exist"]], says: "invalid" },
  {
    name: "given up everywhere",
    often: 10,
    tasks: [
      ["ubuntu", "Invalid"],
      [onP, "Expired"],
      [onQ, "Won't Fix"],
    ],
    says: "invalid",
  },
  {
    name: "given up in one place",
    often: 10,
    tasks: [
      [onP, "Invalid"],
      [onQ, "Deferred"],
    ],
    says: "open",
  },
  { name: "a duplicate", often: 12, tasks: [[onP, "New"]], says: "invalid", isDuplicate: true },
  { name: "a fixed duplicate", often: 2, tasks: [[onP, "Fix Released"]], says: "invalid", isDuplicate: true },
  { name: "gone", often: 3, tasks: [], says: "absent", isGone: true },
  { name: "moved to somebody else", often: 2, tasks: [["coreutils", "Invalid"]], says: "open" },
  { name: "without its tag", often: 2, tasks: [[onP, "Fix Released"]], says: "fixed in P", isUntagged: true },
];

/** The same in a project. */
export const kindsInProject: readonly Kind[] = [
  { name: "open", often: 70_000, tasks: [["coreutils", "New"]], says: "open" },
  { name: "private", often: 5_000, tasks: [["coreutils", "Triaged"]], says: "open", isPrivate: true },
  { name: "fixed", often: 24_000, tasks: [["coreutils", "Fix Released"]], says: "fixed" },
  { name: "invalid", often: 400, tasks: [["coreutils", "Invalid"]], says: "invalid" },
  { name: "never to be fixed", often: 400, tasks: [["coreutils", "Won't Fix"]], says: "open" },
  {
    name: "fixed in a series",
    often: 50,
    tasks: [
      ["coreutils", "New"],
      ["coreutils/trunk", "Fix Released"],
    ],
    says: "fixed",
  },
  {
    name: "fixed in a distribution alone",
    often: 50,
    tasks: [
      ["coreutils", "New"],
      [onP, "Fix Released"],
    ],
    says: "open",
  },
  { name: "a duplicate", often: 12, tasks: [["coreutils", "New"]], says: "invalid", isDuplicate: true },
  { name: "gone", often: 3, tasks: [], says: "absent", isGone: true },
];
