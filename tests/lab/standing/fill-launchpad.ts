import { defaultSeed, type Seed } from "../launchpad/default-seed.ts";
import type { BugSeed } from "../launchpad/make-bug.ts";
import { masterId, type StandingBug, type StandingBugs } from "./standing-bugs.ts";

const lastYear = new Date("2025-06-01T12:00:00Z");

/** A Launchpad's beginning with these bugs, which nobody has touched for a while. */
export function launchpadSeed({ bugs, publications }: StandingBugs): Seed {
  const there = bugs.filter(({ isGone }) => !isGone);
  return { ...defaultSeed, publications, bugs: [{ id: masterId, updated: lastYear }, ...there.map(bugSeed)] };
}

function bugSeed({ id, isPrivate, tags, duplicateOf, tasks }: StandingBug): BugSeed {
  return {
    id,
    title: `Crash ${id}`,
    tags,
    tasks,
    private: isPrivate,
    created: lastYear,
    updated: lastYear,
    ...(duplicateOf === null ? {} : { duplicateOf }),
  };
}
