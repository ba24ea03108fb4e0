import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { expect, test } from "vitest";
import { planInstall } from "../../src/chroots/plan.ts";
import { createArchive } from "../../src/symbols/archive/archive.ts";
import { ownRelease } from "../../src/symbols/archive/releases.ts";
import { silentLog } from "../../src/system/log.ts";
import { minimalEnvironment, run } from "../../src/system/process.ts";
import { neverAborted, openTestCache } from "../integration/symbols/symbols-world.ts";
import { nativeArchitecture } from "../lab/architecture.ts";
import { launcher } from "../lab/command.ts";
import { makeCore } from "../lab/make-core.ts";
import { temporaryFolder } from "../lab/temporary.ts";

// The short form asks this machine's own archive for the plan of a system; the long one makes it, and retraces in it.
const isLong = process.env["CRASH_DIGGER_LONG"] === "1";

test(isLong
  ? "this machine's release is made as a chroot, and a crash retraced in it"
  : "apt plans a system out of this machine's sources", async () => {
  await using folder = await temporaryFolder("network");
  if (isLong) await retraceInChroot(folder.path);
  else await planSystem(folder.path);
}, 1_800_000);

async function planSystem(folder: string): Promise<void> {
  await using cache = await openTestCache(folder);
  const releases = { kind: "system" } as const;
  const archive = createArchive({ cache, releases, timeoutMs: 300_000, nativeArchitecture, log: silentLog });
  const apt = await archive.apt(null, await nativeArchitecture(), neverAborted);
  if (apt === null) throw new Error("this machine has no package sources");
  await apt.updatePackages(neverAborted);
  const options = { root: apt.root, system: null, deadlineMs: 300_000, signal: neverAborted };
  const planned = await planInstall(["?essential", "apt", "gdb"], options);
  const names = planned.kind === "plan" ? planned.plan.install.map(({ name }) => name) : [planned.reason];
  expect(names).toEqual(expect.arrayContaining(["libc6", "dpkg", "bash", "apt", "gdb"]));
  expect(names.length).toBeGreaterThan(80);
  const impossible = await planInstall(["no-such-package-anywhere"], options);
  expect(impossible).toMatchObject({ kind: "none", reason: expect.stringContaining("no-such-package-anywhere") });
}

async function retraceInChroot(folder: string): Promise<void> {
  const release = ownRelease(await readFile("/etc/os-release", "utf8")) ?? "";
  const config = join(folder, "config.toml");
  const settings = { state_dir: join(folder, "state"), cache_dir: join(folder, "cache"), releases: "system" };
  const inChroot = { release: { [release]: { environment: "chroot" } }, symbols: { sources: ["archive"] } };
  await writeFile(config, stringify({ ...settings, ...inChroot }));
  const core = await makeCore(["/usr/bin/sleep", "1000"], folder, { signal: "SIGABRT" });
  const report = join(folder, "sleep.crash");
  const crashDigger = (...args: readonly string[]) =>
    run([launcher, "--config", config, ...args], { deadlineMs: 1_500_000, env: minimalEnvironment });
  expect(await crashDigger("collect", "--core", core, "-o", report)).toMatchObject({ exitCode: 0 });
  const { stdout, stderr, exitCode } = await crashDigger("retrace", "--json", report);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const { fields, modules, manifest } = JSON.parse(stdout.toString("utf8"));
  expect(fields.StacktraceTop).toMatch(/nanosleep/);
  expect(fields.StacktraceTop).toMatch(/\n.*main \(argc=/);
  expect(manifest.environment).toMatch(/^chroot /);
  const libc = modules.find(({ path }: { path: string }) => path.endsWith("/libc.so.6"));
  expect(libc).toMatchObject({
    status: "matched",
    executable: { source: "chroot", package: expect.stringMatching(/^libc6=/) },
  });
  expect(libc.debug.package).toMatch(/^libc6-dbg=/);
}
