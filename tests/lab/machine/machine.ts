import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { minimalEnvironment, type ProcessOptions, type ProcessResult, run } from "../../../src/system/process.ts";
import { temporaryFolder } from "../temporary.ts";

/** A machine of its own; see the README. To be used with `await using`. */
export type Machine = AsyncDisposable & {
  /** The same folder on the machine and here. */
  readonly folder: string;
  /** Runs a command on it, as root, to its end. */
  run(command: readonly [string, ...string[]], options?: Partial<ProcessOptions>): Promise<ProcessResult>;
  /** Starts a command that goes on until the machine is gone. */
  start(command: readonly [string, ...string[]], env?: Readonly<Record<string, string>>): void;
};

const project = join(import.meta.dirname, "..", "..", "..");
const debs = join(project, "build", "debian");

/** Starts one. Takes a second or two; make one for a test file. */
export async function startMachine(): Promise<Machine> {
  if (process.getuid?.() !== 0) throw new Error("a machine of its own needs root: run this test as root");
  const temporary = await temporaryFolder("machine");
  const [base, folder] = [join(temporary.path, "base"), join(temporary.path, "shared")];
  await mkdir(base);
  await mkdir(folder);
  const first = spawn(
    "unshare",
    [
      ...["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"],
      ...["sh", join(import.meta.dirname, "enter.sh"), base, debs, tmpdir(), project],
    ],
    { stdio: ["ignore", "pipe", "pipe"], env: minimalEnvironment },
  );
  await untilReady(first);
  const into = nsenter(childOf(first.pid ?? 0));
  const children: ChildProcess[] = [];
  return {
    folder,
    run: (command, options = {}) => run([...into, ...command], { deadlineMs: 100_000, ...options }),
    start: (command, env = {}) => {
      const [program, ...args] = [...into, ...command] as [string, ...string[]];
      children.push(spawn(program, args, { stdio: "ignore", env: { ...minimalEnvironment, ...env } }));
    },
    [Symbol.asyncDispose]: async () => {
      // With the first process of its namespace every other one goes.
      const ended = [first, ...children].map(untilEnded);
      first.kill("SIGKILL");
      await Promise.all(ended);
      await temporary.remove();
    },
  };
}

function nsenter(pid: number): [string, ...string[]] {
  return ["nsenter", "--target", String(pid), "--mount", "--pid", "--root", "--"];
}

function childOf(parent: number): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8");
  return Number(children.trim().split(" ")[0]);
}

function untilReady(child: ChildProcess): Promise<void> {
  let complaints = "";
  child.stderr?.on("data", (piece: Buffer) => {
    complaints += piece.toString("utf8");
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`the machine could not be made: ${complaints}`)));
    child.stdout?.on("data", () => resolve());
  });
}

function untilEnded(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}
