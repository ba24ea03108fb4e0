import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { describeEnd, run, succeeded } from "../../../src/system/process.ts";

const soon = { deadlineMs: 60_000 };

test("a program's output, words and exit code come back", async () => {
  const result = await run(["sh", "-c", "echo out; echo words >&2; exit 3"], soon);
  expect(result).toMatchObject({ exitCode: 3, signal: null, stoppedBy: null, startError: null, stderr: "words\n" });
  expect(result.stdout.toString()).toBe("out\n");
  expect(succeeded(result)).toBe(false);
  expect(describeEnd(result)).toBe("exit code 3");
});

test("a signal that ends a program is named", async () => {
  const result = await run(["sh", "-c", "kill -SEGV $$"], soon);
  expect(result).toMatchObject({ exitCode: null, signal: "SIGSEGV", stoppedBy: null });
  expect(describeEnd(result)).toBe("killed by SIGSEGV");
});

test("a program gets nothing of our environment", async () => {
  vi.stubEnv("SECRET_OF_OURS", "1");
  const result = await run(["env"], soon);
  vi.unstubAllEnvs();
  expect(result.stdout.toString().trim().split("\n").sort()).toEqual([
    "HOME=/nonexistent",
    "LC_ALL=C.UTF-8",
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
  ]);
});

test("stdin is the text that was given, or empty", async () => {
  expect((await run(["cat"], { ...soon, stdin: "a\nb" })).stdout.toString()).toBe("a\nb");
  expect((await run(["cat"], soon)).stdout.toString()).toBe("");
});

test("a program that does not read its large stdin is no error", async () => {
  expect(succeeded(await run(["true"], { ...soon, stdin: "x".repeat(4 * 1024 ** 2) }))).toBe(true);
});

test.each([
  ["a missing program", ["no-such-program"], "ENOENT"],
  ["a NUL in an argument", ["echo", "a\0b"], "null bytes"],
  ["too long an argument list", ["echo", "x".repeat(8 * 1024 ** 2)], "E2BIG"],
] as const)("%s is told as a start error", async (_name, command, words) => {
  const result = await run(command as unknown as [string, ...string[]], soon);
  expect(result).toMatchObject({ exitCode: null, signal: null, stoppedBy: null });
  expect(result.startError).toContain(words);
  expect(describeEnd(result)).toContain("could not be started");
});

test("a folder that is a file is told as a start error", async () => {
  expect((await run(["true"], { ...soon, cwd: "/etc/passwd" })).startError).toContain("ENOTDIR");
});

test("at the deadline the whole group is killed", async () => {
  const mark = uniqueSeconds();
  const result = await run(["sh", "-c", `sleep ${mark} & sleep ${mark}`], { deadlineMs: 200 });
  expect(result).toMatchObject({ exitCode: null, signal: "SIGKILL", stoppedBy: "deadline" });
  expect(describeEnd(result)).toContain("stopped at its deadline");
  await expectGone(mark);
});

test("an endless deadline is endless, not a millisecond", async () => {
  for (const deadlineMs of [Number.POSITIVE_INFINITY, 2 ** 40]) {
    expect(succeeded(await run(["sleep", "0.2"], { deadlineMs }))).toBe(true);
  }
});

test("a program that prints more than allowed is killed, and what fits is kept", async () => {
  const result = await run(["yes"], { ...soon, maxStdoutBytes: 1000 });
  expect(result.stoppedBy).toBe("output");
  expect(result.stdout).toHaveLength(1000);
});

test("output of exactly the allowed size is no overflow", async () => {
  const result = await run(["head", "-c", "1000", "/dev/zero"], { ...soon, maxStdoutBytes: 1000 });
  expect(succeeded(result)).toBe(true);
  expect(result.stdout).toHaveLength(1000);
});

test("the end of stderr is kept, within its cap", async () => {
  const result = await run(["sh", "-c", "seq 100000 >&2"], { ...soon, maxStderrBytes: 100 });
  expect(result.stderr).toHaveLength(100);
  expect(result.stderr.endsWith("99999\n100000\n")).toBe(true);
});

test("output can be streamed, with the same cap", async () => {
  let seenBytes = 0;
  const onStdout = (piece: Buffer): void => {
    expect(piece.length).toBeGreaterThan(0);
    seenBytes += piece.length;
  };
  const result = await run(["yes"], { ...soon, maxStdoutBytes: 100_000, onStdout });
  expect(result.stoppedBy).toBe("output");
  expect(seenBytes).toBe(100_000);
  expect(result.stdout).toHaveLength(0);
});

test("what the receiver of output throws stops the program and is thrown on", async () => {
  const mark = uniqueSeconds();
  const onStdout = (): void => {
    throw new Error("no more, please");
  };
  await expect(run(["sh", "-c", `echo x; sleep ${mark}`], { ...soon, onStdout })).rejects.toThrow("no more, please");
  await expectGone(mark);
});

test("an abort kills the group", async () => {
  const mark = uniqueSeconds();
  const controller = new AbortController();
  const onStdout = (): void => controller.abort();
  const result = await run(["sh", "-c", `echo x; sleep ${mark}`], { ...soon, onStdout, signal: controller.signal });
  expect(result.stoppedBy).toBe("abort");
  await expectGone(mark);
});

test("after an abort nothing is started any more", async () => {
  const folder = await mkdtemp(join(tmpdir(), "process-"));
  const result = await run(["touch", join(folder, "ran")], { ...soon, signal: AbortSignal.abort() });
  expect(result).toMatchObject({ exitCode: null, stoppedBy: "abort", startError: null });
  expect(existsSync(join(folder, "ran"))).toBe(false);
  await rm(folder, { recursive: true });
});

test("the first reason to stop wins", async () => {
  const controller = new AbortController();
  const onStdout = (): void => controller.abort();
  const result = await run(["yes"], { ...soon, maxStdoutBytes: 10, onStdout, signal: controller.signal });
  expect(result.stoppedBy).toBe("abort");
});

test("a process left behind in the group does not outlive the program", async () => {
  const mark = uniqueSeconds();
  expect(succeeded(await run(["sh", "-c", `sleep ${mark} >/dev/null 2>&1 & exit 0`], soon))).toBe(true);
  await expectGone(mark);
});

test("an escaped grandchild that holds the pipes does not hold us", async () => {
  const folder = await mkdtemp(join(tmpdir(), "process-"));
  const script = join(folder, "escape");
  await writeFile(script, `echo $$ > ${folder}/pid; exec sleep 600`);
  const result = await run(
    ["sh", "-c", `setsid sh ${script} & while [ ! -s ${folder}/pid ]; do :; done; echo done`],
    soon,
  );
  expect(result).toMatchObject({ exitCode: 0, stoppedBy: null });
  expect(result.stdout.toString()).toBe("done\n");
  process.kill(Number(readFileSync(join(folder, "pid"), "utf8")), "SIGKILL");
  await rm(folder, { recursive: true });
});

test("a program may say something on the status pipe", async () => {
  let status = "";
  const onStatus = (piece: Buffer): void => {
    status += piece.toString();
  };
  const result = await run(["sh", "-c", "echo out; echo built >&3"], { ...soon, onStatus });
  expect(succeeded(result)).toBe(true);
  expect(result.stdout.toString()).toBe("out\n");
  expect(status).toBe("built\n");
});

test("a hundred programs at once all settle", async () => {
  const results = await Promise.all(Array.from({ length: 100 }, (_, index) => run(["echo", `${index}`], soon)));
  expect(results.map((result) => result.stdout.toString())).toEqual(results.map((_, index) => `${index}\n`));
});

/** A number of seconds that no other process in the world sleeps for. */
function uniqueSeconds(): string {
  return `6${process.pid}.${Math.floor(Math.random() * 1e9)}`;
}

// SIGKILL is sent before the result is there, but a process's entry goes only when the kernel has taken it apart.
async function expectGone(mark: string): Promise<void> {
  await expect.poll(() => processesWith(mark), { timeout: 30_000 }).toEqual([]);
}

function processesWith(mark: string): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && commandLineOf(name).includes(mark));
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

test("a child reads extra input from file descriptor 4, to its end, and has that file only if asked for", async () => {
  const extraInput = Buffer.from("eight bit \xff\0 and more".repeat(5000), "latin1");
  const fed = await run(["sh", "-c", "cat <&4"], { deadlineMs: 10_000, extraInput });
  expect(fed.stdout.equals(extraInput)).toBe(true);
  const unread = await run(["true"], { deadlineMs: 10_000, extraInput: Buffer.alloc(10 ** 6) });
  expect(unread).toMatchObject({ exitCode: 0, stoppedBy: null });
  const plain = await run(["sh", "-c", "ls -d /proc/$$/fd/[34]"], { deadlineMs: 10_000 });
  expect(plain.stdout.toString()).toBe("");
});
