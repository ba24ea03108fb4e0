import { join } from "node:path";
import { openState } from "../../../src/digger/state.ts";
import type { ProcessResult } from "../../../src/system/process.ts";
import { type Random, randomFrom } from "../random.ts";
import { type ChaosWorld, createChaosWorld } from "./chaos-world.ts";
import { complaintAbout, mend, unlock } from "./person.ts";
import { populationOf, submitAll } from "./population.ts";
import { strikes } from "./strikes.ts";
import { verify } from "./verify.ts";

export type ChaosOptions = {
  readonly seed: number;
  readonly crashes: number;
  readonly strikes: number;
  /** Is told of each strike, and how the batches ended. */
  readonly tell: (line: string) => void;
};

/**
 * Batches over many crashes while everything goes wrong that can, and a person who does what the messages say and no more.
 * When it has stopped, all has to be as if nothing had happened.
 *
 * @returns what is not as it should be, one sentence each.
 */
export async function chaos(options: ChaosOptions): Promise<readonly string[]> {
  await using world = await createChaosWorld(Math.ceil(options.crashes / options.strikes));
  const population = populationOf(options.seed, options.crashes);
  await submitAll(population, world.lab, world.places, world.command);
  options.tell(`${population.length} crashes are filed`);
  const complaints: string[] = [];
  for (let count = 1; count <= options.strikes; count++) complaints.push(...(await strike(count, world, options)));
  complaints.push(...(await finish(world, options)));
  complaints.push(...(await verify(world.command.stateFolder, population)));
  return complaints;
}

async function strike(count: number, world: ChaosWorld, { seed, tell }: ChaosOptions): Promise<readonly string[]> {
  // Each strike has numbers of its own, so that one that takes another course does not change those after it.
  const random = randomFrom("strike", seed, count);
  const name = random.pick(Object.keys(strikes));
  const results = await (strikes[name] as (typeof strikes)[string])(world, random);
  tell(`${count}. ${name}: ${results.map(ending).join(", ")}`);
  const more = await afterwards(world, results, random);
  return [...results, ...more].flatMap((result) => {
    const complaint = complaintAbout(result);
    return complaint === null ? [] : [`strike ${count} (${name}): ${complaint}`];
  });
}

/** What a person does: mostly at once, sometimes only when the next batch has told them. */
async function afterwards(
  world: ChaosWorld,
  results: readonly ProcessResult[],
  random: Random,
): Promise<readonly ProcessResult[]> {
  const more: ProcessResult[] = [];
  if (random.below(3) === 0) more.push(await world.run(["run", "--limit", "1"]));
  for (const result of [...results, ...more]) await mend(world, result, random);
  const unlocked = await unlock(world);
  return unlocked === null ? more : [...more, unlocked];
}

function ending({ exitCode, signal, stderr }: ProcessResult): string {
  return `${exitCode ?? signal}${stderr === "" ? "" : ` (${stderr.split("\n", 1)[0]})`}`;
}

const mostBatches = 10;

/** Nothing goes wrong any more: batches until there is nothing to do. What is stuck is let loose by hand. */
async function finish(world: ChaosWorld, { seed, tell }: ChaosOptions): Promise<readonly string[]> {
  const random = randomFrom("finish", seed);
  const complaints: string[] = [];
  for (let count = 1; count <= mostBatches; count++) {
    const result = await world.run(["run"]);
    tell(`at the end: ${ending(result)}`);
    if (result.exitCode === 0 && result.stdout.includes("crashes=0")) return complaints;
    // What was damaged last may be found only now.
    if (result.exitCode !== 0) complaints.push(...(count > 3 ? [`at the end: ${result.stderr}`] : []));
    await mend(world, result, random);
    await unlock(world);
    for (const crash of await stuckCrashes(world)) await world.run(["retry", String(crash)]);
  }
  return [...complaints, "there is always something left to do"];
}

async function stuckCrashes({ command }: ChaosWorld): Promise<readonly number[]> {
  const state = await openState(join(command.stateFolder, "state.db"));
  try {
    return [...(await state.stuckCrashes())];
  } finally {
    await state.close();
  }
}
