import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { messageOf } from "./failure.ts";
import { type End, ended, neverRan, type Stopper, type StopReason, stopper } from "./process-lifetime.ts";

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
  /** Text for stdin, perhaps only known later; unless told, stdin is empty. */
  readonly stdin?: string | Promise<string>;
  /** Where stdout goes piece by piece instead of being kept; the cap holds all the same. */
  readonly onStdout?: (piece: Buffer) => void;
  /** Opens a pipe as the child's file descriptor 3 and hands over what is written there; not capped. */
  readonly onStatus?: (piece: Buffer) => void;
  /** What the child can read, to its end, from its file descriptor 4. */
  readonly extraInput?: Buffer;
  readonly signal?: AbortSignal;
};

export type { StopReason };

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

/**
 * Runs a program to its end in a process group of its own, and always settles: at the deadline,
 * past the output cap and on abort the whole group is killed with SIGKILL. Nothing of the group is left
 * behind after an ordinary end either.
 *
 * Rejects only with what `onStdout` or `onStatus` throws; the group is killed then too.
 *
 * @param command the program and its arguments; no shell is involved.
 */
export async function run(command: readonly [string, ...string[]], options: ProcessOptions): Promise<ProcessResult> {
  const startedAt = performance.now();
  const result = (end: End, stoppedBy: StopReason | null, stdout: Buffer, stderr: string): ProcessResult => {
    return { command, ...end, stoppedBy, stdout, stderr, durationMs: performance.now() - startedAt };
  };
  if (options.signal?.aborted) return result(neverRan(null), "abort", Buffer.alloc(0), "");
  const started = start(command, options);
  if ("startError" in started) return result(neverRan(started.startError), null, Buffer.alloc(0), "");
  const { child } = started;
  const stopped = stopper(child, options);
  const stdout = keepHead(child, options, stopped);
  const stderr = keepTail(child, options.maxStderrBytes ?? 64 * 1024);
  if (options.onStatus !== undefined) forward(child.stdio[3] as Readable, options.onStatus, stopped);
  feedLater(child.stdin, options.stdin ?? "");
  if (options.extraInput !== undefined) feed(child.stdio[4] as Writable, options.extraInput);
  const end = await ended(child, stopped);
  if (stopped.thrown !== null) throw stopped.thrown.reason;
  return result(end, stopped.reason, stdout(), stderr());
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

// A missing program is told by an event, but E2BIG, a NUL in an argument or a folder that is a file are thrown.
function start(
  command: readonly [string, ...string[]],
  options: ProcessOptions,
): { child: ChildProcess } | { startError: string } {
  const [program, ...args] = command;
  const stdio: ("pipe" | "ignore")[] = ["pipe", "pipe", "pipe"];
  if (options.onStatus !== undefined) stdio[3] = "pipe";
  if (options.extraInput !== undefined) stdio.splice(3, 2, stdio[3] ?? "ignore", "pipe");
  const env = { ...(options.env ?? minimalEnvironment) };
  try {
    return { child: spawn(program, args, { cwd: options.cwd, env, stdio, detached: true }) };
  } catch (error) {
    return { startError: messageOf(error) };
  }
}

function keepHead(child: ChildProcess, options: ProcessOptions, stopped: Stopper): () => Buffer {
  const cap = options.maxStdoutBytes ?? 16 * 1024 * 1024;
  const pieces: Buffer[] = [];
  const take = options.onStdout ?? ((piece: Buffer) => void pieces.push(piece));
  let seenBytes = 0;
  forward(
    child.stdout,
    (piece) => {
      const kept = piece.subarray(0, Math.max(0, cap - seenBytes));
      seenBytes += piece.length;
      if (kept.length > 0) take(kept);
      if (seenBytes > cap) stopped.stop("output");
    },
    stopped,
  );
  return () => Buffer.concat(pieces);
}

function forward(stream: Readable | null | undefined, take: (piece: Buffer) => void, stopped: Stopper): void {
  stream?.on("data", (piece: Buffer) => {
    if (stopped.thrown !== null) return;
    try {
      take(piece);
    } catch (error) {
      stopped.fail(error);
    }
  });
}

function keepTail(child: ChildProcess, cap: number): () => string {
  let tail: Buffer = Buffer.alloc(0);
  child.stderr?.on("data", (piece: Buffer) => {
    const both = Buffer.concat([tail, piece]);
    tail = both.subarray(Math.max(0, both.length - cap));
  });
  return () => tail.toString("utf8");
}

// Who promised the text and does not give it has stopped the process, or lets it come to its deadline.
function feedLater(pipe: Writable | null, input: string | Promise<string>): void {
  if (typeof input === "string") feed(pipe, input);
  else input.then((text) => feed(pipe, text)).catch(() => pipe?.destroy());
}

/** Writes all of a child's input to a pipe of its. */
export function feed(pipe: Writable | null | undefined, input: string | Buffer): void {
  // A program may end without reading its input; EPIPE then says nothing that its exit code does not.
  pipe?.on("error", () => {});
  pipe?.end(input);
}
