import type { Frame } from "../trace/types.ts";

/** A frame as gdb reports it, before it is joined with the core's modules. */
export type RawFrame = Omit<Frame, "module" | "buildId" | "moduleOffset">;

export type RawThread = {
  readonly tid: number;
  readonly crashed: boolean;
  readonly frames: readonly RawFrame[];
  readonly truncated: boolean;
};

/** What gdb said about one core, section by section, already within its size limits. */
export type DebuggerOutput = {
  readonly registers: string;
  readonly disassembly: string;
  readonly stacktrace: string;
  readonly threadStacktrace: string;
  /** glibc's `__abort_msg`, as gdb printed it; null when there is none. */
  readonly abortMessage: string | null;
  /** glib's `__glib_assert_msg`, as gdb printed it; null when there is none. */
  readonly glibAssertMessage: string | null;
  readonly threads: readonly RawThread[];
  /** Text that gdb wrote to stderr, the end of it, for the log. */
  readonly warnings: string;
  readonly gdbVersion: string;
  /** gdb's settings and commands, in their order. */
  readonly commands: readonly string[];
  /** The most memory that gdb's process had resident; null when it did not come to say. */
  readonly peakMemoryBytes: number | null;
  readonly durationMs: number;
};

export type DebuggerResult =
  | { readonly kind: "output"; readonly output: DebuggerOutput }
  /** gdb itself failed on this core: it crashed, hung, or printed more than allowed. */
  | { readonly kind: "report"; readonly reason: string }
  /** Worth another try: the memory limit was hit. */
  | { readonly kind: "retry"; readonly reason: string };

/** What gdb is to look at. All paths are of this machine; the jail maps them. */
export type DebuggerTask = {
  readonly corePath: string;
  /** Folder with the modules at the paths that the core names, and `usr/lib/debug`. */
  readonly sysroot: string;
  /** Folder with gdb's indexes of symbols, `BUILD-ID.gdb-index` each; null for none. */
  readonly indexFolder: string | null;
  /** The crashed program's path inside the sysroot (absolute, as in the core), null when we do not have it. */
  readonly executablePath: string | null;
  readonly architecture: string;
  /** Root folder of the system whose gdb reads the core; null for this machine's own. */
  readonly system: string | null;
};
