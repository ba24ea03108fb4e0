/** How well a frame is known. */
export type FrameStatus =
  /** Function, and source line from debug information. */
  | "symbolized"
  /** A function name from a symbol table only. */
  | "symbol-only"
  /** `??`: no name. */
  | "unknown"
  /** The frame that the kernel makes to call a signal handler. */
  | "signal-handler";

export type Variable = { readonly name: string; readonly value: string };

/** One frame of a thread's stack, innermost first. */
export type Frame = {
  readonly index: number;
  /** Hex with 0x; null where gdb has none. */
  readonly pc: string | null;
  /** Path of the module the pc lies in, as in the core. */
  readonly module: string | null;
  readonly buildId: string | null;
  /** pc minus the module's start, hex with 0x: what a symbol server wants. */
  readonly moduleOffset: string | null;
  readonly function: string | null;
  readonly file: string | null;
  readonly line: number | null;
  /** The file's path with the folder of its compilation, as the debug information has it: to find its source by. */
  readonly fullName?: string | null;
  readonly inlined: boolean;
  readonly arguments: readonly Variable[];
  readonly locals: readonly Variable[];
  readonly status: FrameStatus;
  /** Its lines of source, or why there are none; looked for in the crashed thread only. */
  readonly source?: FrameSource;
};

/** The lines of source around a frame's own. */
export type SourceExcerpt = {
  readonly kind: "lines";
  /** `name=version` of the source package. */
  readonly package: string;
  /** The file's path in it. */
  readonly path: string;
  /** Number of the first of the lines. */
  readonly firstLine: number;
  /** Without control characters, not longer than a person reads. */
  readonly lines: readonly string[];
};

export type FrameSource = SourceExcerpt | { readonly kind: "none"; readonly reason: string };

export type ThreadTrace = {
  readonly tid: number;
  readonly crashed: boolean;
  readonly frames: readonly Frame[];
  /** Whether there were more frames than we keep. */
  readonly truncated: boolean;
};

/** What the signature rules read of a report: its text fields by name. */
export type ReportFields = ReadonlyMap<string, string>;
