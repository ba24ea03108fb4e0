import { deepStrictEqual } from "node:assert/strict";
import { type LaunchpadLab, startLaunchpad } from "../launchpad/start-launchpad.ts";
import { batchAtDesk } from "./batch-at-desk.ts";
import type { BugWorld, Desk } from "./bug-world.ts";
import { type ExpectedBug, expectedBugs } from "./expected-bugs.ts";
import { act, fileBugs, firstBug } from "./file-bugs.ts";
import { observedBugs } from "./observed-bugs.ts";
import { type Population, populationFrom } from "./population.ts";

/** A Launchpad with bugs that wait, a desk to work on them, and how each has to end. */
export type Round = AsyncDisposable & {
  readonly launchpad: LaunchpadLab;
  readonly desk: Desk;
  readonly population: Population;
  readonly expected: readonly ExpectedBug[];
  /** The bugs as they are now, to be compared with the expected ones. */
  readonly observed: () => readonly ExpectedBug[];
};

/**
 * A round whose earlier bugs were worked on already, and people have been at them since. Requests are counted from
 * here on.
 *
 * @throws when the earlier bugs are not as they have to be.
 */
export async function beginRound(world: BugWorld, seed: string | number, waiting: number): Promise<Round> {
  const population = populationFrom(seed, waiting);
  const expected = expectedBugs(population, firstBug, world.architecture);
  const launchpad = await startLaunchpad();
  const desk = await world.desk(launchpad);
  const observed = (): readonly ExpectedBug[] => observedBugs(launchpad);
  await fileBugs(launchpad, world, population.before);
  await batchAtDesk(desk, launchpad);
  deepStrictEqual(observed(), expected.before);
  act(launchpad, population.acts);
  await fileBugs(launchpad, world, population.waiting, firstBug + population.before.length);
  launchpad.forgetRequests();
  return { launchpad, desk, population, expected: expected.after, observed, [Symbol.asyncDispose]: launchpad.close };
}
