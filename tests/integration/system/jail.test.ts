import { readFileSync, readlinkSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runInJail } from "../../../src/system/jail.ts";
import { run } from "../../../src/system/process.ts";
import {
  expectGone,
  fixture,
  inJail,
  isRoot,
  limits,
  openUp,
  processesWith,
  procFile,
  repository,
  taskOf,
  uniqueSeconds,
} from "./jail-box.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "jail-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("a command's output and exit code come out of the jail", async () => {
  const result = await inJail("echo out; echo words >&2; exit 3");
  expect(result).toMatchObject({ exitCode: 3, stoppedBy: null, stderr: "words\n" });
  expect(result.stdout.toString()).toBe("out\n");
});

test("a signal that ends the command comes out as 128 and its number", async () => {
  expect(await inJail("kill -SEGV $$")).toMatchObject({ exitCode: 128 + 11, stoppedBy: null });
});

test("there is no network, not even to this machine", async () => {
  let connections = 0;
  const server = createServer(() => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  expect((await run(["bash", "-c", `: >/dev/tcp/127.0.0.1/${port}`], { deadlineMs: 10_000 })).exitCode).toBe(0);
  const connect = (host: string): string => `bash -c ': >/dev/tcp/${host}/${port}'`;
  const result = await inJail(`${connect("127.0.0.1")}; ${connect("192.0.2.1")}; grep -c : /proc/net/dev`);
  await new Promise((resolve) => server.close(resolve));
  expect(result.stderr.match(/socket: Function not implemented/g)).toHaveLength(2);
  expect(result.stdout.toString()).toBe("1\n");
  expect(connections).toBe(1);
});

test.each(["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"])("the %s namespace is the jail's own", async (name) => {
  const result = await inJail(`readlink /proc/self/ns/${name}`);
  expect(result.stdout.toString()).toMatch(new RegExp(`^${name}:\\[\\d+\\]\n$`));
  expect(result.stdout.toString().trim()).not.toBe(readlinkSync(`/proc/self/ns/${name}`));
});

test("should the memory run out, the kernel kills in the jail first", async () => {
  expect((await inJail("cat /proc/self/oom_score_adj")).stdout.toString()).toBe("1000\n");
});

test("of this machine only /usr can be seen, without what was installed by hand or holds debug symbols", async () => {
  const result = await inJail("ls -A /; echo; ls -A /etc /usr/local /usr/lib/debug /usr/src 2>/dev/null");
  const [top = "", rest = ""] = result.stdout.toString().split("\n\n");
  const links = ["bin", "lib", "lib32", "lib64", "libx32", "sbin"];
  expect(top.split("\n").filter((name) => !links.includes(name))).toEqual(["dev", "etc", "proc", "tmp", "usr"]);
  expect(rest.split("\n").filter((line) => line !== "" && !line.endsWith(":"))).toEqual(["ld.so.cache"]);
});

test("only the jail's own processes can be seen", async () => {
  const result = await inJail("ls /proc | grep -c '^[0-9]'; cat /proc/1/comm");
  expect(Number(result.stdout.toString().split("\n")[0])).toBeLessThan(8);
  expect(result.stdout.toString()).toContain("bwrap");
});

test("nothing can be written but a small /tmp", async () => {
  const result = await inJail(
    "find / \\( -path /proc -o -path /dev/pts \\) -prune -o -type d -writable -print; echo x >/tmp/x && cat /tmp/x",
  );
  expect(result.stdout.toString()).toBe("/tmp\nx\n");
  const all = await inJail(
    "for d in / /usr /dev /dev/shm /dev/pts /etc /proc/sys/kernel; do echo x >$d/core_pattern || :; done",
  );
  expect(all.stderr.match(/cannot create/g)).toHaveLength(7);
});

test("the whole of /tmp has a bound, not only each file", async () => {
  const script = "for i in 1 2 3 4; do head -c 400000 /dev/zero >/tmp/$i; done; du -s --block-size=1 /tmp | cut -f1";
  const result = await inJail(script);
  expect(result.stderr).toContain("No space left on device");
  expect(Number(result.stdout)).toBeLessThanOrEqual(limits.scratchBytes);
});

test("the environment is empty but for what the task says", async () => {
  const result = await runInJail({ command: ["env"], mounts: [], limits, env: { TERM: "dumb" } });
  expect(result.stdout.toString().trim().split("\n").sort()).toEqual([
    "HOME=/nonexistent",
    "LC_ALL=C.UTF-8",
    "PATH=/usr/bin",
    "PWD=/",
    "SHLVL=0",
    "TERM=dumb",
  ]);
});

test("there are no privileges, no capabilities, no way to more namespaces, no core and no terminal", async () => {
  const result = await inJail(
    "cat /proc/self/status; grep core /proc/self/limits; unshare --user true || echo refused; (: </dev/tty) || echo none",
  );
  const text = result.stdout.toString();
  expect([...text.matchAll(/^Cap\w+:\t(\w+)$/gm)].map((match) => match[1])).toEqual(Array(5).fill("0".repeat(16)));
  expect(text).toMatch(/^NoNewPrivs:\t1$/m);
  expect(text).toMatch(/^Max core file size +0 +0 /m);
  expect(text).toMatch(/refused\nnone\n$/);
});

test("a jail of root's is nobody's, on this side too", async () => {
  const mark = uniqueSeconds();
  const controller = new AbortController();
  const uids = new Set<string | undefined>();
  const onStdout = (): void => {
    for (const pid of processesWith(mark)) uids.add(/^Uid:\t(.*)$/m.exec(procFile(pid, "status"))?.[1]);
    controller.abort();
  };
  await runInJail(taskOf(`echo here; sleep ${mark}; echo`), { signal: controller.signal, onStdout });
  const jailed = Array(4)
    .fill(isRoot ? 65534 : process.getuid?.())
    .join("\t");
  // The outer bwrap alone stays root: it waits for the jail.
  expect([...uids].sort()).toEqual(isRoot ? ["0\t0\t0\t0", jailed] : [jailed]);
});

test("no open file of ours is inherited", async () => {
  const leaky = `exec 57</etc/passwd; exec "$@"`;
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", join(repository, fixture)];
  const task = JSON.stringify(taskOf("ls /proc/self/fd"));
  const command = ["bash", "-c", leaky, "bash", ...node, "batch", task] as const;
  const outer = await run([...command], { deadlineMs: 60_000 });
  const result = JSON.parse(outer.stdout.toString());
  expect(result.stdout.toString().trim().split("\n")).toEqual(["0", "1", "2", "3"]);
});

test("a mounted file is readable though the folder above it is closed, and cannot be changed", async () => {
  const closed = await mkdtemp(join(folder, "closed-"));
  const path = join(closed, "a file with 'quotes'\nand a line break");
  await writeFile(path, "secret\n");
  await chmod(path, 0o666);
  const result = await inJail("cat /core; echo x >>/core", [{ hostPath: path, jailPath: "/core" }]);
  expect(result.stdout.toString()).toBe("secret\n");
  expect(result.stderr).toContain("Read-only file system");
  expect(readFileSync(path, "utf8")).toBe("secret\n");
});

test("a mounted folder is shown as it is, and its links lead nowhere outside", async () => {
  const sysroot = await mkdtemp(join(folder, "sysroot-"));
  await mkdir(join(sysroot, "usr/lib"), { recursive: true });
  await writeFile(join(sysroot, "usr/lib/a"), "a\n");
  await symlink("usr/lib", join(sysroot, "lib"));
  await symlink("../../../../../../etc/shadow", join(sysroot, "shadow"));
  await openUp(sysroot);
  const result = await inJail("cat /sysroot/lib/a; cat /sysroot/shadow", [{ hostPath: sysroot, jailPath: "/sysroot" }]);
  expect(result.stdout.toString()).toBe("a\n");
  expect(result.stderr).toContain("No such file or directory");
});

test("a mount that nobody may not read stops us instead of making a worse trace", async () => {
  const sysroot = await mkdtemp(join(folder, "sysroot-"));
  await writeFile(join(sysroot, "closed"), "x", { mode: 0o600 });
  await chmod(sysroot, 0o755);
  const reading = inJail("cat /sysroot/closed", [{ hostPath: sysroot, jailPath: "/sysroot" }]);
  if (isRoot) await expect(reading).rejects.toThrow(`${sysroot}/closed cannot be read inside the jail`);
  else expect((await reading).stdout.toString()).toBe("x");
});

test("a mount that is not there is a mistake of ours", async () => {
  const reading = inJail("true", [{ hostPath: join(folder, "missing"), jailPath: "/core" }]);
  await expect(reading).rejects.toThrow("Nothing to mount into the jail");
});

test("processes are bounded", async () => {
  const result = await inJail("i=0; while [ $i -lt 100 ]; do sleep 60 & i=$((i+1)); done");
  expect(result.stderr).toContain("Cannot fork");
  expect(result.exitCode).toBe(2);
});

test("a fork bomb is bounded, and nothing is left of it", async () => {
  const mark = `bomb-${process.pid}-${Math.random()}`;
  const bomb = `bomb() { bomb ${mark} | bomb & bomb; }; bomb`;
  const result = await inJail(bomb, [], { wallMs: 1500 });
  expect(result.stdout).toHaveLength(0);
  await expectGone(mark);
});

test("a command that ignores signals and leaves its group is killed at the deadline all the same", async () => {
  const mark = uniqueSeconds();
  const script = `trap '' TERM HUP INT; setsid sleep ${mark} & setsid setsid sleep ${mark} & sleep ${mark}`;
  const result = await inJail(script, [], { wallMs: 1500 });
  expect(result.stoppedBy).toBe("deadline");
  await expectGone(mark);
});

test("an abort kills the jail", async () => {
  const mark = uniqueSeconds();
  const controller = new AbortController();
  const task = taskOf(`echo started; setsid sleep ${mark}`);
  const result = await runInJail(task, { signal: controller.signal, onStdout: () => controller.abort() });
  expect(result.stoppedBy).toBe("abort");
  await expectGone(mark);
});

test("a command that prints without end is stopped", async () => {
  const result = await inJail("yes", [], { outputBytes: 10_000 });
  expect(result.stoppedBy).toBe("output");
  expect(result.stdout).toHaveLength(10_000);
});

test("CPU time and memory are bounded", async () => {
  expect((await inJail("while :; do :; done", [], { cpuSeconds: 1 })).exitCode).toBe(128 + 24);
  const hungry = await inJail("head -c 1G /dev/zero | tail", [], { memoryBytes: 128 * 1024 ** 2 });
  expect(hungry.stderr).toContain("memory exhausted");
});

test("the failures of a command are its own, whatever it prints", async () => {
  const liar = await inJail("echo 'bwrap: No permissions to create new namespace' >&2; exit 1");
  expect(liar.exitCode).toBe(1);
  const missing = await runInJail({ command: ["no-such-command"], mounts: [], limits });
  expect(missing.exitCode).toBe(127);
});

test("a command cannot say for itself that the jail was built, nor reach that pipe", async () => {
  expect((await inJail("echo built >&3")).stderr).toContain("3: Bad file descriptor");
});
