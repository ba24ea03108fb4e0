import { expect, test } from "vitest";
import type { Target } from "../../../src/tracker/launchpad/target.ts";
import { startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import { fillTables } from "../../lab/postgres/launchpad-tables.ts";
import { startPostgres } from "../../lab/postgres/start-postgres.ts";
import { seedOfRun } from "../../lab/random.ts";
import { launchpadSeed } from "../../lab/standing/fill-launchpad.ts";
import { hearAll, sayings } from "../../lab/standing/hear-all.ts";
import { type Kind, kindsInDistribution, kindsInProject } from "../../lab/standing/kinds.ts";
import { type StandingBug, standingBugs } from "../../lab/standing/standing-bugs.ts";
import { statusesInPostgres } from "../../lab/standing/statuses-in-postgres.ts";
import { statusesOnLaunchpad } from "../../lab/standing/statuses-on-launchpad.ts";
import { trackerOn } from "../../lab/tracker/launchpad-client.ts";

const cases: readonly (readonly [string, Target, readonly Kind[]])[] = [
  ["a distribution", { kind: "distribution", name: "ubuntu" }, kindsInDistribution],
  ["a project", { kind: "project", name: "coreutils" }, kindsInProject],
];

test.each(cases)(
  "the web service in bulk, the database, and the tracker one by one say the same of each bug of %s",
  async (_name, target, kinds) => {
    const seed = seedOfRun();
    const standing = standingBugs({ count: 1500, seed, kinds, packages: 20, outdated: 20 });
    await using server = await startPostgres();
    await using lab = await startLaunchpad({ seed: launchpadSeed(standing) });
    await server.work((client) => fillTables(client, standing));
    await using database = statusesInPostgres(server, { target });
    const expected = sayings(standing.bugs);
    expect(await hearAll(database, standing.bugs), `CRASH_DIGGER_SEED=${seed}`).toEqual(expected);
    expect(await hearAll(statusesOnLaunchpad(lab, { target }), standing.bugs), `CRASH_DIGGER_SEED=${seed}`).toEqual(
      expected,
    );
    const oneByOne = standing.bugs.slice(0, 60);
    const { tracker } = trackerOn(lab, { target });
    expect(await tracker.statusOf(oneByOne.map(({ id }) => id)), `CRASH_DIGGER_SEED=${seed}`).toEqual(
      new Map(
        [...sayings(oneByOne)].map(([id, status]) => [id, status.kind === "absent" ? { kind: "invalid" } : status]),
      ),
    );
    expect(kindsAmong(standing.bugs)).toEqual(kinds.map(({ name }) => name));
  },
);

function kindsAmong(bugs: readonly StandingBug[]): readonly string[] {
  return [...new Set(bugs.map(({ kind }) => kind))];
}
