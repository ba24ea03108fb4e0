import type { ProcessResult } from "./process.ts";

/** A file or folder of this machine that the jail shows, read-only. */
export type JailMount = {
  /** Absolute path here. What lies there has to be readable by everybody when we run as root (see `runInJail`). */
  readonly hostPath: string;
  /** Absolute path inside, a name of our own choosing: `/core`, `/sysroot`. */
  readonly jailPath: string;
};

/** What bounds a jailed process. All are required: a limit that was forgotten is a hole. */
export type JailLimits = {
  /** Wall-clock time, milliseconds. */
  readonly wallMs: number;
  /** CPU time of each process, seconds. */
  readonly cpuSeconds: number;
  /** Address space of each process, bytes. */
  readonly memoryBytes: number;
  /** Processes and threads in the jail. */
  readonly processes: number;
  /** Size of a file that it writes, and of the writable /tmp as a whole, bytes. */
  readonly scratchBytes: number;
  /** Open files of each process. */
  readonly openFiles: number;
  /** Bytes of stdout; past it everything is killed. */
  readonly outputBytes: number;
};

/** A command and its surroundings inside the jail. */
export type JailTask = {
  /** Looked up in /usr/bin of the jail; no shell is involved. */
  readonly command: readonly [string, ...string[]];
  readonly mounts: readonly JailMount[];
  readonly limits: JailLimits;
  /** Variables besides PATH, HOME and LC_ALL. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Root folder of another system whose programs and libraries the jail has in place of this machine's. What lies below its
   * /usr has to be readable by everybody.
   */
  readonly system?: string;
  /** Where bwrap and setpriv are looked for on this machine; the usual folders unless told. */
  readonly searchPath?: string;
};

/** The end of a command that did run in its jail. An exit code past 128 means: killed by signal code - 128. */
export type JailResult = ProcessResult;
