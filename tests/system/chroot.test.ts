import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { type ChrootWorld, createChrootWorld, inChroot, plantChroot } from "../lab/chroot-lab.ts";
import { type CommandLab, createCommandLab } from "../lab/command.ts";

// One chroot's life, in the order in which things happen to it: each test goes on where the one before has stopped.

// A system is copied, and installed into, a few times: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 300_000 });

let lab: ChrootWorld;
let command: CommandLab;

beforeAll(async () => {
  lab = await createChrootWorld();
  command = await createCommandLab(lab, inChroot);
  // `chroot create` has made it.
  await plantChroot(command, lab);
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

/** The version of `lab-tool` in a system, without starting anything in there. */
async function toolVersion(which: "current" | "previous" = "current"): Promise<string> {
  const path = join(await chrootFolder(), which, "root/usr/share/lab-tool/version");
  return (await readFile(path, "utf8")).trim();
}

/** An upgrade that does not come to pass: the complaint is told, what it made is kept, the good one is as it was. */
async function expectBrokenUpgrade(complaint: RegExp): Promise<void> {
  const current = join(await chrootFolder(), "current");
  const before = await readlink(current);
  const upgrade = await command.crashDigger(["chroot", "upgrade", lab.release]);
  expect(upgrade.exitCode).toBe(1);
  expect(upgrade.stderr).toMatch(complaint);
  expect(upgrade.stderr).toMatch(/^What to do: /m);
  expect(await readlink(current)).toBe(before);
  expect((await chroots()).get("broken")?.reason).toMatch(complaint);
}

test("a chroot is a system of its own, with its gdb, without network, devices and rights over this machine", async () => {
  const script =
    "gdb --version; dpkg --audit && echo audited; ls /dev; cat /proc/net/dev; grep -E 'CapEff|NoNewPrivs' /proc/self/status; ls /; " +
    "echo x >/proc/sys/kernel/domainname || echo closed; test ! -w /proc/sys/kernel/core_pattern && echo closed too; touch /left-behind";
  const seen = await inside("--", "sh", "-c", script);
  expect(seen).toMatch(/^GNU gdb/);
  expect(seen).toMatch(/\naudited\n/);
  expect(seen).not.toMatch(/^(?:sd|vd|nvme|loop|mem|kvm|eth|en)/m);
  expect(seen).toMatch(/^CapEff:\t00000000800401fb$/m);
  expect(seen).toMatch(/^NoNewPrivs:\t1$/m);
  expect(seen).not.toMatch(/^home$/m);
  // Its own domain name, so that nothing happens where it could be written.
  expect(seen).toMatch(/^closed\nclosed too$/m);
  expect((await stat(await chrootFolder())).mode & 0o777).toBe(0o700);
  const again = await command.crashDigger(["chroot", "create", lab.release]);
  expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("already") });
});

test("all that a command prints in a chroot is printed", async () => {
  const script = "at=0; while [ $at -lt 20000 ]; do at=$((at + 1)); echo $at; done";
  expect(await inside("--", "sh", "-c", script)).toBe(
    Array.from({ length: 20_000 }, (_, at) => `${at + 1}\n`).join(""),
  );
});

test("a command in a chroot that is stopped because it prints without end is told so", async () => {
  const script = `while :; do echo ${"x".repeat(4000)}; done`;
  const words = ["chroot", "enter", lab.release, "--", "sh", "-c", script];
  const { exitCode, stderr } = await command.crashDiggerBehind(["sh", "-c", 'exec "$@" >/dev/null', "sh"], words);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("stopped because it printed more than allowed");
});

test("what is done by hand in a chroot is gone afterwards", async () => {
  expect(await inside("--", "ls", "/")).not.toContain("left-behind");
});

test("an upgrade that goes well is put into place, and the one before is kept", async () => {
  const before = await readlink(join(await chrootFolder(), "current"));
  await lab.upload("1.1");
  expect(await command.crashDigger(["chroot", "upgrade", lab.release])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await toolVersion()).toBe("1.1");
  expect(await toolVersion("previous")).toBe("1.0");
  expect(await readlink(join(await chrootFolder(), "previous"))).toBe(before);
});

test("a package that does not download stops the upgrade", async () => {
  await lab.upload("1.3");
  const end = lab.server.misbehave(/lab-tool_1\.3/, { kind: "status", status: 404 });
  await expectBrokenUpgrade(/apt-get download lab-tool=1\.3 [\s\S]*404/);
  end();
});

test("two upgrades at once are one upgrade", async () => {
  const upgrade = () => command.crashDigger(["chroot", "upgrade", lab.release]);
  const both = await Promise.all([upgrade(), upgrade()]);
  expect(both).toMatchObject([
    { exitCode: 0, stderr: "" },
    { exitCode: 0, stderr: "" },
  ]);
  const idle = both.filter(({ stdout }) => stdout.toString("utf8").includes("As new as its archive already."));
  expect(idle).toHaveLength(1);
  expect(await toolVersion()).toBe("1.3");
});

test("a package that kills dpkg half-way leaves nothing half configured where it is used", async () => {
  await lab.upload("1.4", new Map([["postinst", "kill -KILL $PPID; sleep 5"]]));
  await expectBrokenUpgrade(/upgrade of the chroot of Lab 1 .* failed: exit code 100/);
  expect(await inside("--broken", "--", "dpkg", "--audit")).toContain("lab-tool");
  expect(await inside("--", "dpkg", "--audit")).toBe("");
});

test("an upgrade that is killed leaves the good chroot, none of its processes, and nothing once another has run", async () => {
  await lab.upload("1.4.1", new Map([["postinst", "exec sleep 98765.4321"]]));
  const versions = join(await chrootFolder(), "versions");
  const killer = new AbortController();
  const killed = command.crashDigger(["chroot", "upgrade", lab.release], killer.signal);
  await expect.poll(isAsleep, { timeout: 200_000, interval: 100 }).toBe(true);
  killer.abort();
  expect(await killed).toMatchObject({ stoppedBy: "abort" });
  await expect.poll(isAsleep, { timeout: 60_000 }).toBe(false);
  expect(await toolVersion()).toBe("1.3");
  const unfinished = async () => (await readdir(versions)).filter((name) => name.startsWith("new-"));
  expect(await unfinished()).toHaveLength(1);
  // What has a script that does not end is not there any more.
  await lab.upload("1.5", new Map(), neverConfiguring);
  expect(await command.crashDigger(["chroot", "upgrade", lab.release])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await toolVersion()).toBe("1.5");
  expect(await unfinished()).toEqual([]);
});

/** Has an apt that finds this say that all is well, and leave what it unpacked unconfigured. */
const neverConfiguring = new Map([
  ["/etc/apt/apt.conf.d/99never-configure", 'PackageManager::Configure "no"; DPkg::ConfigurePending "false";\n'],
]);

async function chrootFolder(): Promise<string> {
  const folder = join(command.cacheFolder, "chroots");
  const [name = ""] = await readdir(folder);
  return join(folder, name);
}

/** Whether the package's script, with a pause of a length that nobody else makes, is running. */
async function isAsleep(): Promise<boolean> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.some((line) => line === "sleep\0" + "98765.4321\0");
}

test("an apt that says all is well and leaves a package unconfigured is not believed", async () => {
  await lab.upload("1.6", new Map(), neverConfiguring);
  await expectBrokenUpgrade(/left packages half installed \(dpkg --audit\)[\s\S]*lab-tool/);
  expect(await toolVersion()).toBe("1.5");
});

test("the one before the last upgrade is brought back with one command, and back again", async () => {
  const restored = await command.crashDigger(["chroot", "restore", lab.release]);
  expect(restored).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await inside("--previous", "--", "cat", "/usr/share/lab-tool/version")).toBe("1.5\n");
  expect([await toolVersion(), await toolVersion("previous")]).toEqual(["1.3", "1.5"]);
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
  const path = join(await chrootFolder(), "current");
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
