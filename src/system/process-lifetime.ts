import type { ChildProcess } from "node:child_process";

/** Why a process was killed by us; the first reason wins. */
export type StopReason = "deadline" | "output" | "abort";

/** How a process ended; all null for one that was killed and would not go. */
export type End = {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly startError: string | null;
};

/** The end of a process that there never was. */
export function neverRan(startError: string | null): End {
  return { exitCode: null, signal: null, startError };
}

const graceMs = 2_000;

// setTimeout takes a signed 32-bit number; anything larger (or Infinity) fires after 1 ms instead of never.
const longestDeadlineMs = 2 ** 31 - 1;

/** What ends a process before its time, and the record of why. */
export type Stopper = {
  stop(reason: StopReason): void;
  /** Stops because a callback of ours threw. */
  fail(reason: unknown): void;
  /** The process has ended: from here on neither deadline nor abort can be its reason. */
  disarm(): void;
  /** Called once when the group has been killed. */
  onKill: () => void;
  reason: StopReason | null;
  thrown: { readonly reason: unknown } | null;
};

/** Arms the deadline and the abort signal of a process that has just been started. */
export function stopper(
  child: ChildProcess,
  options: { readonly deadlineMs: number; readonly signal?: AbortSignal },
): Stopper {
  const timer = setTimeout(() => self.stop("deadline"), Math.min(options.deadlineMs, longestDeadlineMs));
  const onAbort = (): void => self.stop("abort");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const kill = (): void => {
    killGroup(child);
    self.onKill();
  };
  const self: Stopper = {
    stop: (reason) => {
      self.reason ??= reason;
      kill();
    },
    fail: (reason) => {
      self.thrown ??= { reason };
      kill();
    },
    disarm: () => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
    },
    onKill: () => {},
    reason: null,
    thrown: null,
  };
  return self;
}

// The child leads a group of its own (detached), so a negative pid reaches its children too.
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // ESRCH: the group has just ended by itself, which is what we wanted. EPERM: all that is left of it runs as
    // somebody else (a set-user-id program); it cannot be killed, and the wait for it is bounded instead.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

// "close" waits for the pipes, and a grandchild that escaped the group may hold them open for ever.
// After the process itself has ended, the pipes get a short grace and are then closed from our side.
// A killed process that does not go (stuck in the kernel on a dead disk, or not ours to kill) is left behind.
/** Waits for the end of a process and of its output, and leaves nothing of its group behind. */
export function ended(child: ChildProcess, stopped: Stopper): Promise<End> {
  return new Promise((resolve) => {
    let end: End = neverRan(null);
    let grace: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(grace);
      child.off("close", settle);
      stopped.disarm();
      killGroup(child);
      for (const stream of child.stdio) stream?.destroy();
      child.unref();
      resolve(end);
    };
    const settleSoon = (): void => {
      grace ??= setTimeout(settle, graceMs);
    };
    stopped.onKill = settleSoon;
    child.once("error", (error) => {
      end = neverRan(error.message);
      settle();
    });
    child.once("exit", (exitCode, signal) => {
      end = { exitCode, signal, startError: null };
      stopped.disarm();
      settleSoon();
    });
    child.once("close", settle);
  });
}
