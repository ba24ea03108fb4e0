import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { expect, test } from "vitest";
import { minimalEnvironment, run } from "../../src/system/process.ts";
import { launcher } from "../lab/command.ts";
import { makeCore } from "../lab/make-core.ts";
import { temporaryFolder } from "../lab/temporary.ts";

test("a crash of this machine's sleep shows the C library's own lines", async () => {
  await using folder = await temporaryFolder("network");
  const config = join(folder.path, "config.toml");
  const settings = { state_dir: join(folder.path, "state"), cache_dir: join(folder.path, "cache"), releases: "system" };
  await writeFile(config, stringify(settings));
  const core = await makeCore(["/usr/bin/sleep", "1000"], folder.path, { signal: "SIGABRT" });
  const report = join(folder.path, "sleep.crash");
  const crashDigger = (...args: readonly string[]) =>
    run([launcher, "--config", config, ...args], { deadlineMs: 100_000, env: minimalEnvironment });
  expect(await crashDigger("collect", "--core", core, "-o", report)).toMatchObject({ exitCode: 0 });
  const { stdout, exitCode } = await crashDigger("retrace", "--json", report);
  expect(exitCode).toBe(0);
  const { threads, fields, manifest } = JSON.parse(stdout.toString("utf8"));
  const [innermost] = threads[0].frames;
  expect(innermost.source).toMatchObject({
    kind: "lines",
    package: expect.stringMatching(/^glibc=/),
    path: expect.stringMatching(/clock_nanosleep\.c$/),
  });
  // The line after which the C library calls main. Another version's or project's file has something else there.
  expect(fields.StacktraceSource).toMatch(/^ {2}> \d+: +(?:result|exit) ?[=(].*main \(argc, argv/m);
  expect(manifest.sources).toEqual([expect.objectContaining({ package: innermost.source.package })]);
});
