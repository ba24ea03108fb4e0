import { type ChildProcess, spawn } from "node:child_process";

/** How a process is to be run. Everything that bounds it is required or has a bound by default. */
export type ProcessOptions = {
  /** Wall-clock milliseconds after which the whole process group is killed. */
  readonly deadlineMs: number;
  /** Bytes of stdout kept; a process that prints more is killed. 16 MiB unless told. */
  readonly maxStdoutBytes?: number;
  /** Bytes of stderr kept (the end of it). 64 KiB unless told. */
  readonly maxStderrBytes?: number;
  readonly cwd?: string;
  /** The whole environment; nothing is inherited. Unless told: PATH, LC_ALL=C.UTF-8, HOME=/nonexistent. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for stdin; unless told, stdin is empty. */
  readonly stdin?: string;
  /** Where stdout goes piece by piece instead of being kept; the cap holds all the same. */
  readonly onStdout?: (piece: Buffer) => void;
  readonly signal?: AbortSignal;
};

/** Why a process was killed by us; the first reason wins. */
export type StopReason = "deadline" | "output" | "abort";

/** One shape for success and failure. Only a program that cannot be started at all has `startError`. */
export type ProcessResult = {
  readonly command: readonly string[];
  /** Null when a signal ended it or it could not be started. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stoppedBy: StopReason | null;
  readonly startError: string | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly durationMs: number;
};

export const minimalEnvironment: Readonly<Record<string, string>> = {
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C.UTF-8",
  HOME: "/nonexistent",
};

const graceMs = 2_000;

/**
 * Runs a program to its end in a process group of its own, and always settles: at the deadline,
 * past the output cap and on abort the whole group is killed with SIGKILL.
 *
 * @param command the program and its arguments; no shell is involved.
 */
export async function run(command: readonly [string, ...string[]], options: ProcessOptions): Promise<ProcessResult> {
  const startedAt = performance.now();
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...(options.env ?? minimalEnvironment) },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const stopped = stopper(child, options);
  const stdout = keepHead(child, options, () => stopped.stop("output"));
  const stderr = keepTail(child, options.maxStderrBytes ?? 64 * 1024);
  feed(child, options.stdin);
  const end = await ended(child);
  stopped.clear();
  return {
    command,
    ...end,
    stoppedBy: stopped.reason(),
    stdout: stdout(),
    stderr: stderr(),
    durationMs: performance.now() - startedAt,
  };
}

/** Whether the process ran to its end and said that all is well. */
export function succeeded(result: ProcessResult): boolean {
  return result.exitCode === 0 && result.stoppedBy === null;
}

/** How a process ended, in words: `exit code 100`, `killed by SIGSEGV`, `stopped after 30 s`. */
export function describeEnd(result: ProcessResult): string {
  if (result.startError !== null) return `could not be started (${result.startError})`;
  if (result.stoppedBy === "deadline") return `stopped at its deadline after ${Math.round(result.durationMs / 1000)} s`;
  if (result.stoppedBy === "output") return "stopped because it printed more than allowed";
  if (result.stoppedBy === "abort") return "stopped because the batch is being stopped";
  return result.exitCode === null ? `killed by ${result.signal}` : `exit code ${result.exitCode}`;
}

function stopper(child: ChildProcess, options: ProcessOptions) {
  let first: StopReason | null = null;
  const stop = (reason: StopReason): void => {
    first ??= reason;
    killGroup(child);
  };
  const timer = setTimeout(() => stop("deadline"), options.deadlineMs);
  const onAbort = (): void => stop("abort");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted) stop("abort");
  return {
    stop,
    reason: () => first,
    clear: (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
    },
  };
}

// The child leads a group of its own (detached), so a negative pid reaches its children too.
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // ESRCH: the group has just ended by itself, which is what we wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function keepHead(child: ChildProcess, options: ProcessOptions, onOverflow: () => void): () => Buffer {
  const cap = options.maxStdoutBytes ?? 16 * 1024 * 1024;
  const pieces: Buffer[] = [];
  let seenBytes = 0;
  child.stdout?.on("data", (piece: Buffer) => {
    const room = cap - seenBytes;
    seenBytes += piece.length;
    const kept = piece.subarray(0, Math.max(0, room));
    if (options.onStdout !== undefined) options.onStdout(kept);
    else if (kept.length > 0) pieces.push(kept);
    if (seenBytes > cap) onOverflow();
  });
  return () => Buffer.concat(pieces);
}

function keepTail(child: ChildProcess, cap: number): () => string {
  let tail: Buffer = Buffer.alloc(0);
  child.stderr?.on("data", (piece: Buffer) => {
    const both = Buffer.concat([tail, piece]);
    tail = both.subarray(Math.max(0, both.length - cap));
  });
  return () => tail.toString("utf8");
}

function feed(child: ChildProcess, text: string | undefined): void {
  // A program may end without reading its input; EPIPE then says nothing that its exit code does not.
  child.stdin?.on("error", () => {});
  child.stdin?.end(text ?? "");
}

type End = { exitCode: number | null; signal: NodeJS.Signals | null; startError: string | null };

// "close" waits for the pipes, and a grandchild that escaped the group may hold them open for ever.
// After the process itself has ended, the pipes get a short grace and are then closed from our side.
function ended(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ exitCode: null, signal: null, startError: error.message }));
    child.once("exit", (exitCode, signal) => {
      const grace = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ exitCode, signal, startError: null });
      }, graceMs);
      child.once("close", () => {
        clearTimeout(grace);
        resolve({ exitCode, signal, startError: null });
      });
    });
  });
}
