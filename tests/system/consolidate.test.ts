import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireLock, inspectLock } from "../../src/digger/lock.ts";
import { openDuplicates } from "../../src/duplicates/duplicates.ts";
import { systemClock } from "../../src/system/clock.ts";
import { minimalEnvironment, run } from "../../src/system/process.ts";
import { ownIdentity } from "../../src/system/process-identity.ts";
import { openLocalTracker } from "../../src/tracker/local/local-tracker.ts";
import { launcher } from "../lab/command.ts";
import { inTerminal } from "../lab/in-terminal.ts";
import { startLaunchpad } from "../lab/launchpad/start-launchpad.ts";
import { fillDuplicates } from "../lab/standing/fill-duplicates.ts";
import { launchpadSeed } from "../lab/standing/fill-launchpad.ts";
import { kindsInDistribution } from "../lab/standing/kinds.ts";
import { standingBugs } from "../lab/standing/standing-bugs.ts";
import { type TemporaryFolder, temporaryFolder } from "../lab/temporary.ts";
import { writeCrash } from "../lab/tracker/crash-file.ts";

let folder: TemporaryFolder;
let state: string;
let config: string;

beforeEach(async () => {
  folder = await temporaryFolder("consolidate");
  [state, config] = [join(folder.path, "state"), join(folder.path, "config.toml")];
  await mkdir(state);
  await configure("");
});
afterEach(() => folder.remove());

async function configure(tracker: string): Promise<void> {
  await writeFile(config, `state_dir = "${state}"\ncache_dir = "${join(folder.path, "cache")}"\n${tracker}`);
}

async function crashDigger(words: readonly string[], signal?: AbortSignal) {
  const options = { deadlineMs: 90_000, env: minimalEnvironment, ...(signal === undefined ? {} : { signal }) };
  const result = await run([launcher, "--config", config, ...words], options);
  return { ...result, out: result.stdout.toString("utf8") };
}

const duplicatesPath = () => join(state, "duplicates.db");

/** Three crashes in the local tracker, all known to the duplicate database: one open, one fixed, one invalid. */
async function localCrashes(): Promise<void> {
  const tracker = await openLocalTracker(join(state, "tracker"));
  const duplicates = await openDuplicates(duplicatesPath());
  for (const id of [1, 2, 3]) {
    await tracker.submit(writeCrash(folder.path, `${id}.crash`), { hostArchitecture: "amd64" });
    const question = { id, signature: `/bin/x${id}:11:\u001b[31mf:g`, addressSignature: null, packageVersion: null };
    await duplicates.check(question, async () => new Map());
  }
  await duplicates.close();
  await tracker.apply(2, { kind: "set-status", status: { kind: "fixed", version: "1.2-3" } });
  await tracker.apply(3, { kind: "set-status", status: { kind: "invalid" } });
  await tracker.close();
}

test("with the local tracker: a dry run, the log, JSON, and a table on a terminal", async () => {
  await localCrashes();
  const dry = await crashDigger(["dupdb", "consolidate", "--dry-run"]);
  expect(dry).toMatchObject({ exitCode: 0, stderr: "" });
  expect(dry.out).toMatch(/would change crash=2 was=open becomes=fixed:1\.2-3 signature="\/bin\/x2:11:\\u001b/);
  expect(dry.out).toMatch(/consolidation would do fixed=1 reopened=0 removed=1 /);
  const screen = await inTerminal(["--config", config, "dupdb", "consolidate", "--dry-run"]);
  expect(screen.text).toMatch(/CRASH.*WAS.*BECOMES.*SIGNATURE/);
  expect(screen.text).toMatch(/3 {2}open {2}removed +\/bin\/x3:11:\\x1b\[31mf:g/);
  const done = await crashDigger(["dupdb", "consolidate", "--json"]);
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(done.out)).toMatchObject({
    source: `local ${join(state, "tracker")}`,
    since: null,
    dryRun: false,
    stored: 3,
    counts: { fixed: 1, reopened: 0, removed: 1 },
    changes: [
      { id: 2, was: null, becomes: "fixed", version: "1.2-3" },
      { id: 3, was: null, becomes: "removed", version: null },
    ],
  });
  expect((await crashDigger(["dupdb", "dump"])).out).toMatch(/^1\topen\t.*\n2\tfixed:1\.2-3\t.*\n$/);
  expect((await crashDigger(["dupdb", "consolidate"])).out).toMatch(/consolidation done fixed=0 reopened=0 removed=0 /);
});

test("it runs while a batch holds its lock, not beside another consolidation, and leaves no lock behind", async () => {
  await localCrashes();
  const lock = { path: join(state, "batch.lock"), identity: ownIdentity(), clock: systemClock };
  expect(acquireLock(lock)).toMatchObject({ kind: "acquired" });
  const another = { ...lock, path: `${lock.path}.consolidate` };
  expect(acquireLock(another)).toMatchObject({ kind: "acquired" });
  const second = await crashDigger(["dupdb", "consolidate"]);
  expect(second).toMatchObject({ exitCode: 0, stderr: "" });
  expect(second.out).toContain("another consolidation is going on");
  // As one that was killed leaves it.
  await writeFile(another.path, "999999999\n");
  expect((await crashDigger(["dupdb", "consolidate"])).out).toContain("consolidation done fixed=1");
  expect(inspectLock(another)).toEqual({ kind: "free" });
  expect(inspectLock(lock)).toMatchObject({ kind: "live" });
});

test("a tracker that was lost takes no signature along", async () => {
  await localCrashes();
  await configure(`[tracker]\ndir = "${join(folder.path, "another-tracker")}"\n`);
  const result = await crashDigger(["dupdb", "consolidate"]);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toMatch(/not believed: 3 of 3 stored crashes would be removed.*: none would be left/);
  expect(result.stderr).toContain("--max-losses 3");
  expect((await crashDigger(["dupdb", "dump"])).out.trim().split("\n")).toHaveLength(3);
});

test("on Launchpad it is stopped by a signal, goes on from there, and waits for one that is away", async () => {
  const standing = standingBugs({ count: 700, seed: 3, kinds: kindsInDistribution, packages: 8, outdated: 10 });
  await using launchpad = await startLaunchpad({ seed: launchpadSeed(standing) });
  const credentials = join(folder.path, "credentials");
  await writeFile(credentials, launchpad.credentials(), { mode: 0o600 });
  await configure(
    `[tracker]\ntype = "launchpad"\ndistribution = "ubuntu"\napi = "${launchpad.webUrl}"\ncredentials = "${credentials}"\n`,
  );
  await fillDuplicates(duplicatesPath(), standing.bugs);
  const before = await readFile(duplicatesPath());

  const search = "GET distribution searchTasks";
  const endFault = launchpad.fault({ route: search, nth: 2, times: 9, fault: { kind: "hang" } });
  const script = `"$@" & pid=$!; while ! grep -qs tasks ${join(folder.path, "cache/consolidation/answers.jsonl")}; do sleep 0.1; done
    sleep 0.2; kill -TERM $pid; wait $pid`;
  const command = [launcher, "--config", config, "dupdb", "consolidate"];
  const stopped = await run(["sh", "-c", script, "sh", ...command], { deadlineMs: 60_000 });
  expect(stopped).toMatchObject({ exitCode: 143, stderr: "" });
  expect(stopped.stdout.toString("utf8")).toContain("consolidation stopped by a signal");
  endFault();
  expect((await readFile(duplicatesPath())).equals(before)).toBe(true);

  launchpad.forgetRequests();
  const done = await crashDigger(["dupdb", "consolidate", "--json"]);
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  // The first page was heard before.
  const firstPages = launchpad.requests().filter(({ url }) => /searchTasks/.test(url) && !/ws\.(start|show)/.test(url));
  // What has changed since is asked for.
  expect(firstPages.filter(({ url }) => !url.includes("modified_since="))).toEqual([]);
  expect(JSON.parse(done.out).counts.removed).toBeGreaterThan(5);
});

test("Launchpad's database as configured: no password in the configuration, in messages, or for others to read", async () => {
  const [credentials, password] = [join(folder.path, "credentials"), join(folder.path, "password")];
  const tracker = '[tracker]\ntype = "launchpad"\ndistribution = "ubuntu"\n';
  const database = `[tracker.database]\nhost = "${folder.path}"\ndatabase = "launchpad"\nuser = "crash_digger"\n`;
  await configure(`${tracker}credentials = "${credentials}"\n${database}password_file = "${password}"\n`);
  await writeFile(password, "s3cret-of-the-role\n", { mode: 0o640 });
  await fillDuplicates(duplicatesPath(), standingBugs({ ...few, kinds: kindsInDistribution }).bugs);
  const open = await crashDigger(["dupdb", "consolidate", "-v"]);
  expect(open.exitCode).toBe(1);
  expect(open.stderr).toMatch(/can be read by others \(mode 0640\)[\s\S]*change the role's password/);
  await writeFile(password, "s3cret-of-the-role\n");
  await run(["chmod", "600", password], { deadlineMs: 10_000 });
  // No server has its socket there.
  const away = await crashDigger(["dupdb", "consolidate", "-v"]);
  expect(away.exitCode).toBe(1);
  expect(away.stderr).toMatch(/no consolidation has come to its end yet: [\s\S]*can be reached from here/);
  const shown = await crashDigger(["config", "show"]);
  expect(shown.out).toContain(`password_file = "${password}"`);
  for (const { out, stderr } of [open, away, shown]) expect(out + stderr).not.toContain("s3cret");
});

const few = { count: 30, seed: 1, packages: 5, outdated: 0 };

test("a database that others could listen to is no configuration, nor is a schema with SQL in it", async () => {
  const tracker = '[tracker]\ntype = "launchpad"\ndistribution = "ubuntu"\n[tracker.database]\n';
  await configure(`${tracker}host = "db.example"\ntls = false\ndatabase = "l"\nuser = "u"\n`);
  expect((await crashDigger(["config", "check"])).stderr).toMatch(/tracker\.database\.tls: without TLS/);
  await configure(`${tracker}host = "db.example"\ndatabase = "l"\nuser = "u"\nschema = "public; DROP TABLE bug"\n`);
  expect((await crashDigger(["config", "check"])).stderr).toMatch(/tracker\.database\.schema: not a plain/);
  await configure(`${tracker}host = "db.example"\ndatabase = "l"\nuser = "u"\n`);
  expect(await crashDigger(["config", "check"])).toMatchObject({ exitCode: 0 });
});
