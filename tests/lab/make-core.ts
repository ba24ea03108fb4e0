import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { launcherMark, untilChild, untilSettled } from "./process-state.ts";

export type MakeCoreOptions = {
  /** Signal that crashes the program; SIGSEGV unless told. */
  readonly signal?: NodeJS.Signals;
  /** The program crashes without our help: no signal is sent. */
  readonly crashesByItself?: boolean;
  /** Waits until the program is ready to be crashed; unless told, until it sleeps in its main loop. */
  readonly untilReady?: (pid: number, deadlineMs: number) => Promise<void>;
  /** Added to the environment PATH, LC_ALL=C.UTF-8, HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for stdin, which then stays open, so that readers wait for more. */
  readonly stdin?: string;
  /** Which memory the kernel dumps (man 5 core); 0x33, the kernel's default, unless told. */
  readonly coredumpFilter?: number;
  /** Who writes the core; unless told the kernel, where its core_pattern allows it, else gdb. */
  readonly writer?: "kernel" | "gdb";
  /** For the whole of it; 60 seconds unless told. */
  readonly deadlineMs?: number;
};

/**
 * Runs a program, crashes it for real, and keeps the core.
 *
 * The kernel's own core is used when kernel.core_pattern is a plain file name (and the hard limit allows
 * cores). Where cores go to a pipe (systemd-coredump, apport), gdb runs the program and writes the core
 * at the signal.
 *
 * @param command program and arguments. It runs in an empty folder of its own; its output goes nowhere.
 * @param folder an existing folder of the caller's, who removes it.
 * @returns absolute path of the core, `<folder>/core.<pid>`.
 */
export async function makeCore(
  command: readonly string[],
  folder: string,
  options: MakeCoreOptions = {},
): Promise<string> {
  const workFolder = await mkdtemp(join(folder, "crash-"));
  const writer = options.writer ?? (kernelWritesPlainCores() ? "kernel" : "gdb");
  const launch = writer === "kernel" ? kernelLaunch(options) : gdbLaunch(options);
  const child = start([...launch, ...command], workFolder, options);
  const deadline = setTimeout(() => killGroup(child), options.deadlineMs ?? 60_000);
  try {
    const ended = endOf(child);
    const trouble = options.crashesByItself === true ? "" : await troubleWith(crash(child, writer, options), ended);
    if (trouble !== "") killGroup(child);
    const story = `${command.join(" ")}: ${trouble}${await ended}`;
    return await keepCore(workFolder, join(folder, `core.${child.pid}`), story);
  } finally {
    clearTimeout(deadline);
    killGroup(child);
    await rm(workFolder, { recursive: true, force: true });
  }
}

/** Whether a crashing child of ours leaves `core…` in its current folder. */
function kernelWritesPlainCores(): boolean {
  const pattern = readFileSync("/proc/sys/kernel/core_pattern", "utf8").trim();
  const hardLimit = /^Max core file size\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  return /^[^|/]+$/.test(pattern) && hardLimit === "unlimited";
}

function kernelLaunch(options: MakeCoreOptions): string[] {
  return ["/bin/sh", "-c", `ulimit -c unlimited; ${chosenFilter(options)}exec "$@"`, launcherMark];
}

// gdb starts programs through a shell, and quotes the arguments for it; the wrapper is what that shell runs.
// It carries the mark, so that the shells on the way are not taken for the program.
function gdbLaunch(options: MakeCoreOptions): string[] {
  const commands = [
    "set debuginfod enabled off",
    "set disable-randomization off",
    `set exec-wrapper /bin/sh -c '${chosenFilter(options)}exec "$@"' ${launcherMark}`,
    `handle ${options.signal ?? "SIGSEGV"} stop`,
    "run",
    "generate-core-file core",
    "kill",
  ];
  return ["gdb", "-nx", "-q", "-batch", ...commands.flatMap((command) => ["-ex", command]), "--args"];
}

// The kernel and gdb both go by it, and it survives exec.
function chosenFilter(options: MakeCoreOptions): string {
  return `echo 0x${(options.coredumpFilter ?? 0x33).toString(16)} >/proc/self/coredump_filter; `;
}

function start(command: readonly string[], cwd: string, options: MakeCoreOptions): ChildProcess {
  const [program = "", ...args] = command;
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", HOME: cwd, SHELL: "/bin/sh", ...options.env };
  const child = spawn(program, args, { cwd, env, stdio: ["pipe", "ignore", "pipe"], detached: true });
  child.stdin?.on("error", () => {});
  child.stdin?.write(options.stdin ?? "");
  return child;
}

async function crash(child: ChildProcess, writer: "kernel" | "gdb", options: MakeCoreOptions): Promise<void> {
  const deadlineMs = options.deadlineMs ?? 60_000;
  const launched = child.pid ?? 0;
  const pid = writer === "kernel" ? launched : await untilChild(launched, deadlineMs);
  await (options.untilReady ?? untilSettled)(pid, deadlineMs);
  process.kill(pid, options.signal ?? "SIGSEGV");
}

// A program that ends before it is crashed is not yet an error: only when no core is left is there a story to tell.
async function troubleWith(crashing: Promise<void>, ended: Promise<string>): Promise<string> {
  try {
    await Promise.race([crashing, ended]);
    return "";
  } catch (error) {
    return `${String(error)}. `;
  }
}

// The kernel has finished the core before the parent hears of the death, so "exit" is all there is to wait for.
function endOf(child: ChildProcess): Promise<string> {
  let log = "";
  child.stderr?.on("data", (piece: Buffer) => {
    log = (log + piece.toString("utf8")).slice(-2000);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(`ended with ${signal ?? code}. ${log}`));
  });
}

async function keepCore(workFolder: string, target: string, story: string): Promise<string> {
  for (const entry of await readdir(workFolder, { withFileTypes: true })) {
    const path = join(workFolder, entry.name);
    if (!entry.isFile() || !isCore(path)) continue;
    await rename(path, target);
    return target;
  }
  throw new Error(`no core was left by ${story}`);
}

function isCore(path: string): boolean {
  const head = Buffer.alloc(18);
  const file = openSync(path, "r");
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  const isElf = head.toString("latin1", 0, 4) === "\x7fELF";
  return isElf && (head[5] === 2 ? head.readUInt16BE(16) : head.readUInt16LE(16)) === 4;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group has ended by itself.
  }
}
