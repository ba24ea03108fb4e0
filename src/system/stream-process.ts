import { type ChildProcess, spawn } from "node:child_process";
import { PassThrough, type Readable, Transform } from "node:stream";
import { minimalEnvironment, type ProcessResult, type StopReason } from "./process.ts";

/** How a process whose output is read as a stream is bounded. */
export type StreamOptions = {
  /** Wall-clock milliseconds after which the whole process group is killed. */
  readonly deadlineMs: number;
  /** Bytes of stdout that may pass in all; a process that prints more is killed. */
  readonly maxBytes: number;
  readonly cwd?: string;
  /** The whole environment; nothing is inherited. Unless told: `minimalEnvironment`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** A running process and its output. */
export type StreamingProcess = {
  /**
   * stdout with backpressure: a reader that waits makes the process wait. It ends when the process closes
   * its output; whether that was the whole output only `ended` can tell. Never emits an error.
   */
  readonly stdout: Readable;
  /** How it ended, in the shape of `run` (with an empty stdout). Never rejects. */
  readonly ended: Promise<ProcessResult>;
  /** Ends it early: the reader has what it wanted. */
  stop(): void;
};

const maxStderrBytes = 64 * 1024;

/**
 * Starts a program in a process group of its own and hands out its output as a stream. The group is killed
 * at the deadline, past the byte cap, on abort and on `stop()`.
 *
 * @param command the program and its arguments; no shell is involved.
 */
export function streamFrom(command: readonly [string, ...string[]], options: StreamOptions): StreamingProcess {
  const startedAt = performance.now();
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...(options.env ?? minimalEnvironment) },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const state: { stoppedBy: StopReason | null } = { stoppedBy: null };
  const stop = (reason: StopReason): void => {
    state.stoppedBy ??= reason;
    killGroup(child);
  };
  const stderr = keepTail(child);
  const stdout = capped(child, options.maxBytes, () => stop("output"));
  const unwatch = watch(options, stop);
  const ended = end(child).then((how): ProcessResult => {
    unwatch();
    const durationMs = performance.now() - startedAt;
    return { command, ...how, ...state, stdout: Buffer.alloc(0), stderr: stderr(), durationMs };
  });
  return { stdout, ended, stop: () => endEarly(child, stdout, stop) };
}

function endEarly(child: ChildProcess, stdout: Readable, stop: (reason: StopReason) => void): void {
  if (child.exitCode === null && child.signalCode === null) stop("abort");
  stdout.destroy();
  child.stdout?.destroy();
}

function watch(options: StreamOptions, stop: (reason: StopReason) => void): () => void {
  const timer = setTimeout(() => stop("deadline"), options.deadlineMs);
  const onAbort = (): void => stop("abort");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted) stop("abort");
  return () => {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  };
}

function capped(child: ChildProcess, maxBytes: number, onOverflow: () => void): Readable {
  if (child.stdout === null) return new PassThrough().end();
  let seenBytes = 0;
  const cap = new Transform({
    transform(piece: Buffer, _encoding, done): void {
      const room = maxBytes - seenBytes;
      seenBytes += piece.length;
      if (seenBytes > maxBytes) onOverflow();
      done(null, room > 0 ? piece.subarray(0, room) : null);
    },
  });
  // A pipe that breaks because the process was killed is told by `ended`, not by the stream.
  child.stdout.on("error", () => cap.end());
  cap.on("error", () => {});
  return child.stdout.pipe(cap);
}

function keepTail(child: ChildProcess): () => string {
  let tail: Buffer = Buffer.alloc(0);
  child.stderr?.on("data", (piece: Buffer) => {
    const both = Buffer.concat([tail, piece]);
    tail = both.subarray(Math.max(0, both.length - maxStderrBytes));
  });
  return () => tail.toString("utf8");
}

// The child leads a group of its own (detached), so a negative pid reaches its children too.
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

type End = { exitCode: number | null; signal: NodeJS.Signals | null; startError: string | null };

// "exit", not "close": the reader may still be busy with what is in the pipe, and a grandchild that
// escaped the group could hold the pipe open for ever.
function end(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ exitCode: null, signal: null, startError: error.message }));
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal, startError: null }));
  });
}
