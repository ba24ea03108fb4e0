import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exposition } from "../../src/health/exposition.ts";
import { metricsOf } from "../../src/health/metrics.ts";
import { run } from "../../src/system/process.ts";
import { makeHealth, records, seen } from "../lab/health/make-health.ts";
import { temporaryFolder } from "../lab/temporary.ts";
import { writeCrash } from "../lab/tracker/crash-file.ts";
import { makeTrackerWorld, type TrackerWorld } from "../lab/tracker/tracker-world.ts";

/** A world whose batches leave their metrics in a folder, as for the node exporter. Its one crash is an exception. */
async function makeWorld(): Promise<TrackerWorld & { readonly textfile: string }> {
  const world = await makeTrackerWorld();
  const textfile = join(world.folder, "collector", "crash-digger.prom");
  await mkdir(join(world.folder, "collector"));
  await appendFile(join(world.folder, "config.toml"), `[metrics]\ntextfile = "${textfile}"\n`);
  const Traceback = `Traceback (most recent call last):\n  File "/usr/bin/sheet", line 3, in total\nKeyError: 'week'`;
  await world.cli(["submit", writeCrash(world.folder, "1.crash", { fields: { Traceback } })]);
  return { ...world, textfile };
}

async function promtool(text: string): Promise<string> {
  const result = await run(["promtool", "check", "metrics"], { deadlineMs: 60_000, stdin: text });
  return `${result.exitCode}${result.stdout.toString("utf8")}${result.stderr}`;
}

test("metrics prints what Prometheus's own tool has nothing to say against, before and after a batch", async () => {
  await using world = await makeWorld();
  const before = (await world.cli(["metrics"])).stdout.toString("utf8");
  expect(await promtool(before)).toBe("0");
  expect(before).not.toContain("crash_digger_last_batch");
  await world.cli(["run"]);
  const after = (await world.cli(["metrics"])).stdout.toString("utf8");
  expect(await promtool(after)).toBe("0");
  expect(after).toContain('crash_digger_verdicts_total{verdict="new"} 1\n');
  expect(after).toContain('crash_digger_last_batch_end{end="done"} 1\n');
  const peak = /^crash_digger_last_batch_peak_memory_bytes\{process="crash-digger"\} (\d+)$/m.exec(after);
  expect(Number(peak?.[1])).toBeGreaterThan(2 ** 25);
});

test("--output replaces a file that everybody may read, and says why it cannot", async () => {
  await using world = await makeWorld();
  const output = join(world.folder, "metrics.prom");
  expect(await world.cli(["metrics", "--output", output])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await stat(output)).mode & 0o777).toBe(0o644);
  expect(await promtool(await readFile(output, "utf8"))).toBe("0");
  const refused = await world.cli(["metrics", "--output", join(world.folder, "nowhere", "metrics.prom")]);
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^crash-digger: the metrics cannot be written: ENOENT/),
  });
});

test("each batch leaves its metrics when the lock is free again, and one that fails leaves the failure", async () => {
  await using world = await makeWorld();
  expect(await world.cli(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  const well = await readFile(world.textfile, "utf8");
  expect(well).toContain('crash_digger_lock_state{state="free"} 1\n');
  expect(well).toContain("crash_digger_last_success_timestamp_seconds ");
  await writeFile(
    join(world.folder, "state", "duplicates.db"),
    "no database, and long enough to be looked at\n".repeat(50),
  );
  expect((await world.cli(["run"])).exitCode).toBe(1);
  const failed = await readFile(world.textfile, "utf8");
  expect(failed).toContain('crash_digger_lock_state{state="failed"} 1\n');
  expect(await promtool(failed)).toBe("0");
  await rm(world.textfile);
  expect(await world.cli(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await readFile(world.textfile, "utf8")).toContain('crash_digger_lock_state{state="failed"} 1\n');
  expect(await readdir(join(world.folder, "collector"))).toEqual(["crash-digger.prom"]);
});

test("the alert rules of the documentation are rules, and about metrics that there are", async () => {
  const page = await readFile(join(import.meta.dirname, "..", "..", "docs", "operations.md"), "utf8");
  const rules = /```yaml\n(groups:\n.*?)```/s.exec(page)?.[1] ?? "";
  await using folder = await temporaryFolder("rules");
  const file = join(folder.path, "rules.yml");
  await writeFile(file, rules);
  const result = await run(["promtool", "check", "rules", file], { deadlineMs: 60_000 });
  expect(`${result.stdout.toString("utf8")}${result.stderr}`).toMatch(/SUCCESS: \d+ rules found/);
  const busy = records({ queue: { crashes: 1, oldestSince: "2026-01-01T00:00:00.000Z" } });
  const text = exposition(metricsOf(makeHealth({ records: seen(busy) }), "1"));
  const there = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const named = [...rules.matchAll(/crash_digger_\w+/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(there).toEqual(expect.arrayContaining(named));
});

test("that the metrics cannot be written is told in the log, and stops no batch", async () => {
  await using world = await makeWorld();
  await rm(join(world.folder, "collector"), { recursive: true });
  const { exitCode, stdout, stderr } = await world.cli(["run"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout.toString("utf8")).toMatch(
    / the metrics could not be written file=.*crash-digger\.prom reason=.*ENOENT/,
  );
  expect(existsSync(join(world.folder, "state", "batch.lock"))).toBe(false);
});

test("a file that the collector would not see is refused by the configuration", async () => {
  await using world = await makeWorld();
  await writeFile(join(world.folder, "config.toml"), '[metrics]\ntextfile = "/srv/metrics.txt"\n');
  const { exitCode, stderr } = await world.cli(["config", "check"]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringContaining("config.toml:2: metrics.textfile: must end in .prom"),
  });
});
