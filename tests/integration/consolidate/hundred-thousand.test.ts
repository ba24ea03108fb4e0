import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Consolidation } from "../../../src/maintenance/consolidate/types.ts";
import { fillTables } from "../../lab/postgres/launchpad-tables.ts";
import { startPostgres } from "../../lab/postgres/start-postgres.ts";
import { seedOfRun } from "../../lab/random.ts";
import {
  type ConsolidationWorld,
  expectedVersions,
  makeConsolidationWorld,
  versionsStoredIn,
} from "../../lab/standing/consolidation-world.ts";
import { fillDuplicates } from "../../lab/standing/fill-duplicates.ts";
import { statusesInPostgres } from "../../lab/standing/statuses-in-postgres.ts";

// Short: as many bugs as fill a few pages. Long: a hundred thousand, some minutes. Figures go to build/consolidation.jsonl.
const isLong = process.env["CRASH_DIGGER_LONG"] === "1";
const count = isLong ? 100_000 : 1_200;
const timeout = isLong ? 1_800_000 : 120_000;
const seed = seedOfRun();
const repeat = `repeat with CRASH_DIGGER_SEED=${seed}`;

test(`${count} crashes: by searches at first and the next day, and out of the database, with the same end`, {
  timeout,
}, async () => {
  await using world = await makeConsolidationWorld({ count, seed, packages: 100, outdated: 2 });
  const { launchpad, standing } = world;
  const expected = expectedVersions(standing.bugs);

  const portions = [await measured(world, "searches, first", () => world.run())];
  expect(launchpad.requests().length, repeat).toBeLessThanOrEqual(400);
  while ((portions.at(-1)?.postponed.length ?? 0) > 0 && portions.length < 5) {
    launchpad.forgetRequests();
    world.wait(24 * 3_600_000);
    portions.push(await measured(world, "searches, what was left of the first", () => world.run()));
    expect(launchpad.requests().length, repeat).toBeLessThanOrEqual(200);
  }
  expect(await versionsStoredIn(world.duplicatesPath), repeat).toEqual(expected);

  const changed = standing.bugs.filter(({ kind }) => kind === "open").slice(0, 40);
  for (const { id } of changed)
    launchpad.edit(id, (bug) => bug.tasks.forEach((task) => void Object.assign(task, { status: "Invalid" })));
  const closed = new Set(changed.map(({ id }) => id));
  const nextDay = new Map([...expected].filter(([id]) => !closed.has(id)));
  launchpad.forgetRequests();
  world.wait(24 * 3_600_000);
  const later = await measured(world, "searches, the next day", () => world.run());
  expect(launchpad.requests().length, repeat).toBeLessThanOrEqual(10);
  expect(
    later.changes.map(({ id }) => id),
    repeat,
  ).toEqual([...closed].sort((one, other) => one - other));
  expect(await versionsStoredIn(world.duplicatesPath), repeat).toEqual(nextDay);

  await using server = await startPostgres();
  await server.work((client) => fillTables(client, standing));
  await fillDuplicates(`${world.duplicatesPath}.2`, standing.bugs);
  // The database has them as they were on the first day.
  launchpad.forgetRequests();
  await using database = statusesInPostgres(server);
  const path = `${world.duplicatesPath}.2`;
  const out = await measured(world, "database", () => world.run({}, database, path));
  const changes = portions.flatMap((portion) => portion.changes).sort((one, other) => one.id - other.id);
  expect(out.changes, repeat).toEqual(changes);
  expect(await versionsStoredIn(path), repeat).toEqual(expected);
});

async function measured(
  world: ConsolidationWorld,
  what: string,
  work: () => Promise<Consolidation>,
): Promise<Consolidation> {
  const startedAt = performance.now();
  const done = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const folder = join(import.meta.dirname, "../../../build");
  mkdirSync(folder, { recursive: true });
  const requests = world.launchpad.requests().length;
  const figures = { what, count, seed, requests, changes: done.changes.length, seconds: Number(seconds.toFixed(2)) };
  appendFileSync(join(folder, "consolidation.jsonl"), `${JSON.stringify(figures)}\n`);
  return done;
}
