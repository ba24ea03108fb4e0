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
  readonly inlined: boolean;
  readonly arguments: readonly Variable[];
  readonly locals: readonly Variable[];
  readonly status: FrameStatus;
};

export type ThreadTrace = {
  readonly tid: number;
  readonly crashed: boolean;
  readonly frames: readonly Frame[];
  /** Whether there were more frames than we keep. */
  readonly truncated: boolean;
};

/** What the signature rules read of a report: its text fields by name. */
export type ReportFields = ReadonlyMap<string, string>;
