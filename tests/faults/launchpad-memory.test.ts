import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { minimalEnvironment, run } from "../../src/system/process.ts";
import { type BugWorld, createBugWorld } from "../lab/bugs/bug-world.ts";
import { startLaunchpad } from "../lab/launchpad/start-launchpad.ts";
import { crashAsBug } from "../lab/tracker/crash-as-bug.ts";

const isLong = process.env["CRASH_DIGGER_LONG"] === "1";
// A batch has what it needs for itself after some two hundred bugs.
const [few, many] = isLong ? [200, 1000] : [20, 120];
const mostMebibytes = 32;
const timeout = isLong ? 3600_000 : 120_000;

let world: BugWorld;
beforeAll(async () => {
  world = await createBugWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

// People add to descriptions what they like; Launchpad takes 50,000 characters.
const words = "I only wanted to count my hours when it went away. ".repeat(900);

/** Python crashes, each of its own and each told at length. */
function pythonBug(at: number) {
  const fields = {
    ProblemType: "Crash",
    DistroRelease: "Ubuntu 25.10",
    ExecutablePath: "/usr/bin/sheet",
    Package: "sheet 1.0-1",
    SourcePackage: "sheet",
    Traceback: `Traceback (most recent call last):\n  File "/usr/bin/sheet", line 3, in total_${at}\nKeyError: 'week'`,
  };
  const bug = crashAsBug(fields);
  return { ...bug, description: `${words}\n\n${bug.description}`, tasks: ["ubuntu/+source/sheet"] };
}

// As the launcher runs a batch, and with a bound: one that kept its bugs' descriptions would end for want of memory.
const heap = ["--max-old-space-size=64", "--max-semi-space-size=4", "--heap-growing-percent=15"] as const;

/** Works through so many bugs in one batch, as a process of its own. @returns its peak memory in MiB. */
async function peakOver(bugs: number): Promise<number> {
  await using launchpad = await startLaunchpad();
  const desk = await world.desk(launchpad);
  const ids = Array.from({ length: bugs }, (_, at) => launchpad.addBug(pythonBug(at)));
  const peakFile = join(desk.stateFolder, "peak");
  const program = join(import.meta.dirname, "fixtures", "peak-of-command.ts");
  const batch = [
    ...heap,
    "--disable-warning=ExperimentalWarning",
    program,
    "--config",
    desk.configFile,
    "run",
  ] as const;
  const env = { ...minimalEnvironment, TZ: "UTC", MALLOC_ARENA_MAX: "2", PEAK_FILE: peakFile };
  expect(await run([process.execPath, ...batch], { deadlineMs: timeout, env })).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  expect(ids.flatMap((id) => launchpad.bug(id).tags).filter((tag) => tag.startsWith("need-"))).toEqual([]);
  return Number(await readFile(peakFile, "utf8"));
}

test("a batch over many times as many bugs takes no more memory", { timeout }, async () => {
  const [small, large] = [await peakOver(few), await peakOver(many)];
  expect(large - small).toBeLessThan(mostMebibytes);
  process.stderr.write(`launchpad-memory: ${few} bugs ${small.toFixed(0)} MiB, ${many} bugs ${large.toFixed(0)} MiB\n`);
});
