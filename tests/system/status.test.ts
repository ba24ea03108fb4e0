import { join } from "node:path";
import { expect, test } from "vitest";
import type { SetAside } from "../../src/digger/state/set-aside.ts";
import { openState } from "../../src/digger/state.ts";
import { writeCrash } from "../lab/tracker/crash-file.ts";
import { makeTrackerWorld, type TrackerWorld } from "../lab/tracker/tracker-world.ts";

const now = new Date("2026-01-01T00:00:00Z");
const markTag = "need-amd64-retrace";
const buildId = "0123456789abcdef0123456789abcdef01234567";

const waiting: readonly SetAside[] = [
  { kind: "retry", markTag, tries: 2, nextAt: "2026-01-01T01:00:00.000Z", reason: "gdb ran out of memory" },
  {
    kind: "parked",
    markTag,
    release: "Debian 12",
    architecture: "amd64",
    modules: [{ path: "/usr/lib/libfoo.so.1", buildId }],
    until: "2026-01-31T00:00:00.000Z",
  },
  { kind: "dead", markTag, reason: "tried 5 times, the last time: \u001b[2Jgdb ran out of memory" },
  { kind: "buried", markTag, reason: "nobody can trace it" },
];

/** A world whose crashes are all set aside, each in another way, and one more that is plainly pending. */
async function makeWorld(): Promise<TrackerWorld> {
  const world = await makeTrackerWorld();
  const reports = [1, 2, 3, 4, 5].map((number) =>
    writeCrash(world.folder, `${number}.crash`, {
      fields: { Architecture: undefined },
      binaries: { CoreDump: Buffer.from("core") },
    }),
  );
  expect(await world.cli(["submit", ...reports])).toMatchObject({ exitCode: 0 });
  const state = await openState(join(world.folder, "state", "state.db"));
  for (const [index, aside] of waiting.entries()) await state.recordAside(index + 1, aside, [], now);
  await state.noteOutage("tracker", now);
  await state.recordAside(5, null, [{ crash: 5, edit: { kind: "set-title", title: "t" } }], now);
  for (let count = 0; count < 3; count++) await state.noteEditFailure(1, "400: bad title");
  await state.close();
  return world;
}

test("status tells each crash that is set aside with its reason and the next step", async () => {
  await using world = await makeWorld();
  const { stdout, exitCode } = await world.cli(["status"]);
  const text = stdout.toString("utf8");
  expect(exitCode).toBe(0);
  expect(text).toContain("Tracker   away since 2026-01-01T00:00:00.000Z");
  expect(text).toMatch(
    /crash 1, tried 2 times: gdb ran out of memory\n +next try after 2026-01-01T01:00:00.000Z, or at once: crash-digger retry 1\n/,
  );
  expect(text).toContain(`crash 2 waits for /usr/lib/libfoo.so.1 (${buildId})\n      until 2026-01-31`);
  expect(text).toMatch(
    /crash 3 \(since 2026-01-01T00:00:00.000Z\): tried 5 times.*\n +crash-digger retry 3 \| crash-digger bury 3\n/,
  );
  expect(text).toContain("Buried: 1");
  expect(text).toMatch(
    /crash 5: edit 1 \(set-title\) failed 3 times: 400: bad title\n +its crash is left alone until: crash-digger retry 5/,
  );
  expect(text).not.toContain("\u001b");
});

test("status --json has them as lists", async () => {
  await using world = await makeWorld();
  const status = JSON.parse((await world.cli(["status", "--json"])).stdout.toString("utf8"));
  expect(status).toMatchObject({
    retries: [{ crash: 1, tries: 2 }],
    parked: [{ crash: 2, modules: [{ buildId }] }],
    deadLetters: [{ crash: 3 }],
    buried: [{ crash: 4, reason: "nobody can trace it" }],
    openEdits: 1,
    failingEdits: [{ crash: 5, stuck: true }],
    trackerAwaySince: now.toISOString(),
  });
});

test("retry and bury say what they did, and why they could not", async () => {
  await using world = await makeWorld();
  const said = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await world.cli(args);
    return `${exitCode} ${stdout.toString("utf8")}${stderr}`;
  };
  expect(await said("retry", "3")).toMatch(/^0 crash 3: the next batch tries it again \(need-.+-retrace\)\n$/);
  expect(await said("bury", "2", "no", "such", "package")).toMatch(/^0 crash 2: buried/);
  expect(await said("bury", "99")).toMatch(/^1 crash-digger: crash 99: the tracker has no such crash/);
  await said("set-status", "1", "invalid");
  expect(await said("retry", "1")).toMatch(/^1 crash-digger: crash 1 cannot be tried again: it is closed \(invalid\)/);
  expect(await said("retry", "three")).toMatch(/^2 /);
  const shown = await said("show", "2");
  expect(shown).toContain("This crash will not be retraced: no such package.");
});
