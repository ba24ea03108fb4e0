import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { type ChrootLab, createChrootLab, inChroot } from "../lab/chroot-lab.ts";
import { type CommandLab, createCommandLab } from "../lab/command.ts";

// One chroot's life, in the order in which things happen to it: each test goes on where the one before has stopped.

// A system is copied, and installed into, a few times: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 300_000 });

let lab: ChrootLab;
let command: CommandLab;

beforeAll(async () => {
  lab = await createChrootLab();
  command = await createCommandLab(lab, inChroot);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

const listSchema = z.array(
  z.object({ which: z.string(), version: z.string(), path: z.string(), reason: z.string().nullable() }),
);

async function chroots() {
  const { stdout } = await command.crashDigger(["chroot", "list", "--json"]);
  return new Map(listSchema.parse(JSON.parse(stdout.toString("utf8"))).map((each) => [each.which, each]));
}

async function inside(...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await command.crashDigger(["chroot", "enter", lab.release, ...words]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.toString("utf8");
}

async function toolVersion(...flags: readonly string[]): Promise<string> {
  return (await inside(...flags, "--", "cat", "/usr/share/lab-tool/version")).trim();
}

/** An upgrade that does not come to pass: the complaint is told, what it made is kept, the good one is as it was. */
async function expectBrokenUpgrade(complaint: RegExp): Promise<void> {
  const before = (await chroots()).get("current");
  const upgrade = await command.crashDigger(["chroot", "upgrade", lab.release]);
  expect(upgrade.exitCode).toBe(1);
  expect(upgrade.stderr).toMatch(complaint);
  expect(upgrade.stderr).toMatch(/^What to do: /m);
  const after = await chroots();
  expect(after.get("current")).toEqual(before);
  expect(after.get("broken")?.reason).toMatch(complaint);
}

test("a chroot is a system of its own, with its gdb, without network, devices and rights over this machine", async () => {
  const created = await command.crashDigger(["chroot", "create", lab.release]);
  expect(created.stderr).toBe("");
  expect(created.exitCode).toBe(0);
  expect(await inside("--", "gdb", "--version")).toMatch(/^GNU gdb/);
  expect(await inside("--", "dpkg", "--audit")).toBe("");
  const seen = await inside(
    "--",
    "sh",
    "-c",
    "ls /dev; cat /proc/net/dev; grep -E 'CapEff|NoNewPrivs' /proc/self/status; ls /",
  );
  expect(seen).not.toMatch(/^(?:sd|vd|nvme|loop|mem|kvm|eth|en)/m);
  expect(seen).toMatch(/^CapEff:\t00000000800401fb$/m);
  expect(seen).toMatch(/^NoNewPrivs:\t1$/m);
  expect(seen).not.toMatch(/^home$/m);
  const again = await command.crashDigger(["chroot", "create", lab.release]);
  expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("already") });
});

test("what is done by hand in a chroot is gone afterwards", async () => {
  await inside("--", "touch", "/left-behind");
  expect(await inside("--", "ls", "/")).not.toContain("left-behind");
});

test("an upgrade that goes well is put into place, and the one before is kept", async () => {
  const before = (await chroots()).get("current")?.version;
  await lab.upload("1.1");
  expect(await command.crashDigger(["chroot", "upgrade", lab.release])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await toolVersion()).toBe("1.1");
  expect(await toolVersion("--previous")).toBe("1.0");
  expect((await chroots()).get("previous")?.version).toBe(before);
  const second = await command.crashDigger(["chroot", "upgrade", lab.release]);
  expect(second.stdout.toString("utf8")).toContain("As new as its archive already.");
});

test("a package whose postinst fails leaves the good chroot in place and the broken one to be looked at", async () => {
  await lab.upload("1.2", new Map([["postinst", "echo 'no such colour: octarine' >&2; exit 3"]]));
  await expectBrokenUpgrade(
    /upgrade of the chroot of Lab 1 .* failed: exit code 100: error processing package lab-tool \(--configure\)\n[\s\S]*no such colour: octarine[\s\S]*exit status 3/,
  );
  expect(await toolVersion()).toBe("1.1");
  expect(await inside("--broken", "--", "dpkg", "--audit")).toContain("lab-tool");
});

test("a package that does not download stops the upgrade", async () => {
  await lab.upload("1.3");
  const end = lab.server.misbehave(/lab-tool_1\.3/, { kind: "status", status: 404 });
  await expectBrokenUpgrade(/apt-get download lab-tool=1\.3 [\s\S]*404/);
  end();
  expect(await command.crashDigger(["chroot", "upgrade", lab.release])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await toolVersion()).toBe("1.3");
});

test("a package that kills dpkg half-way leaves nothing half configured where it is used", async () => {
  await lab.upload("1.4", new Map([["postinst", "kill -KILL $PPID; sleep 5"]]));
  await expectBrokenUpgrade(/upgrade of the chroot of Lab 1 .* failed: exit code 100/);
  expect(await inside("--broken", "--", "dpkg", "--audit")).toContain("lab-tool");
  expect(await inside("--", "dpkg", "--audit")).toBe("");
});

test("two upgrades at once are one upgrade", async () => {
  await lab.upload("1.4.1");
  const upgrade = () => command.crashDigger(["chroot", "upgrade", lab.release]);
  const both = await Promise.all([upgrade(), upgrade()]);
  expect(both).toMatchObject([
    { exitCode: 0, stderr: "" },
    { exitCode: 0, stderr: "" },
  ]);
  const idle = both.filter(({ stdout }) => stdout.toString("utf8").includes("As new as its archive already."));
  expect(idle).toHaveLength(1);
  expect(await toolVersion()).toBe("1.4.1");
});

test("an upgrade that is killed leaves the good chroot, none of its processes, and nothing once another has run", async () => {
  await lab.upload("1.4.2", new Map([["postinst", "exec sleep 98765.4321"]]));
  const versions = join(await chrootFolder(), "versions");
  const killer = new AbortController();
  const killed = command.crashDigger(["chroot", "upgrade", lab.release], killer.signal);
  await expect.poll(isAsleep, { timeout: 200_000, interval: 100 }).toBe(true);
  killer.abort();
  expect(await killed).toMatchObject({ stoppedBy: "abort" });
  await expect.poll(isAsleep, { timeout: 60_000 }).toBe(false);
  expect(await toolVersion()).toBe("1.4.1");
  await lab.upload("1.4.3");
  expect(await command.crashDigger(["chroot", "upgrade", lab.release])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await toolVersion()).toBe("1.4.3");
  expect((await readdir(versions)).filter((name) => name.startsWith("new-"))).toEqual([]);
});

async function chrootFolder(): Promise<string> {
  return dirname(dirname((await chroots()).get("current")?.path ?? ""));
}

/** Whether the package's script, with a pause of a length that nobody else makes, is running. */
async function isAsleep(): Promise<boolean> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.some((line) => line === "sleep\0" + "98765.4321\0");
}

test("an apt that says all is well and leaves a package unconfigured is not believed", async () => {
  const settings = 'PackageManager::Configure "no"; DPkg::ConfigurePending "false";\n';
  await lab.upload("1.5", new Map(), new Map([["/etc/apt/apt.conf.d/99never-configure", settings]]));
  expect(await command.crashDigger(["chroot", "upgrade", lab.release])).toMatchObject({ exitCode: 0, stderr: "" });
  await lab.upload("1.6", new Map(), new Map([["/etc/apt/apt.conf.d/99never-configure", settings]]));
  await expectBrokenUpgrade(/left packages half installed \(dpkg --audit\)[\s\S]*lab-tool/);
  expect(await toolVersion()).toBe("1.5");
});

test("the one before the last upgrade is brought back with one command, and back again", async () => {
  expect(await toolVersion("--previous")).toBe("1.4.3");
  const restored = await command.crashDigger(["chroot", "restore", lab.release]);
  expect(restored).toMatchObject({ exitCode: 0, stderr: "" });
  expect([await toolVersion(), await toolVersion("--previous")]).toEqual(["1.4.3", "1.5"]);
});

test("a machine has no chroots of another architecture, and says what to do instead", async () => {
  const foreign = lab.architecture === "s390x" ? "amd64" : "s390x";
  const refused = await command.crashDigger(["chroot", "create", lab.release, "--arch", foreign]);
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/has no chroots of "\w+"[\s\S]*unpacked/),
  });
});

test("a chroot in use is not removed; when its user was killed it is, with everything in it", async () => {
  const { path } = (await chroots()).get("current") ?? { path: "" };
  const leave = new AbortController();
  const entered = command.crashDigger(["chroot", "enter", lab.release, "--", "sleep", "600"], leave.signal);
  await expect.poll(async () => (await readdir(join(path, "uses"))).length, { timeout: 60_000 }).toBe(1);
  const refused = await command.crashDigger(["chroot", "remove", lab.release]);
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("is in use") });
  leave.abort();
  await entered;
  expect(await command.crashDigger(["chroot", "remove", lab.release])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await readdir(join(command.cacheFolder, "chroots"))).toEqual([]);
});
