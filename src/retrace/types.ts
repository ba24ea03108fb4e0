import type { Core } from "../core/types.ts";
import type { DebuggerResult, DebuggerTask } from "../debugger/types.ts";
import type { WarmDebugger } from "../debugger/warm-debugger.ts";
import type { Sources } from "../sources/types.ts";
import type { LaterHints, ModuleFidelity, ResolvedModule, SymbolHints } from "../symbols/types.ts";
import type { Clock } from "../system/clock.ts";
import type { ThreadTrace } from "../trace/types.ts";
import type { Manifest } from "./manifest-schema.ts";

/** One crash, ready to be retraced: its text fields and its core as a file. */
export type CrashToRetrace = {
  /** Text fields of the report. Hostile. */
  readonly fields: ReadonlyMap<string, string>;
  /** Further text fields that cost requests, and that only the search for packages reads. */
  readonly laterFields?: () => Promise<ReadonlyMap<string, string>>;
  readonly corePath: string;
  /** A folder of this crash alone (mode 0700) on the file system of the symbol store; the caller removes it. */
  readonly workFolder: string;
  /** A gdb that was started for this work folder ahead of time, if there is one. */
  readonly warm?: WarmDebugger | null;
  /** Is called when everything is at hand and gdb begins to read. */
  readonly onDebugging?: () => void;
};

/** A file with debug symbols of which an index is worth making. */
export type SymbolsToIndex = { readonly buildId: string; readonly path: string; readonly architecture: string };

/** A system of a release, in use until it is disposed of. */
export type DebugSystem = AsyncDisposable & { readonly root: string; readonly version: string };

/** What a retrace needs of the outside; built once for a batch. */
export type RetraceServices = {
  readonly findSymbols: (core: Core, hints: LaterHints, signal: AbortSignal) => Promise<readonly ResolvedModule[]>;
  /** Keeps what is found from being removed until it is disposed of. */
  readonly holdFiles: () => Promise<AsyncDisposable>;
  /** Null: no source lines are wanted. */
  readonly sources: Sources | null;
  /** Opens the system whose gdb is to read a crash's core; null: this machine's own does. */
  readonly openSystem: (
    wanted: Pick<SymbolHints, "release" | "architecture">,
    signal: AbortSignal,
  ) => Promise<DebugSystem | null>;
  /** Makes gdb's index of a file's symbols and keeps it; null when gdb cannot. */
  readonly makeIndex: (symbols: SymbolsToIndex, signal: AbortSignal) => Promise<string | null>;
  /** Starts a gdb for the crash of a work folder, while its core and its files are being fetched; null: none. */
  readonly warmDebugger: (workFolder: string, signal: AbortSignal) => Promise<WarmDebugger | null>;
  readonly debugCore: (task: DebuggerTask, signal: AbortSignal, warm: WarmDebugger | null) => Promise<DebuggerResult>;
  /** Of crash-digger, for the manifest. */
  readonly version: string;
  readonly clock: Clock;
};

export type Traced = {
  readonly kind: "traced";
  /** Fields as Apport makes them: Stacktrace, StacktraceTop, … */
  readonly fields: ReadonlyMap<string, string>;
  readonly threads: readonly ThreadTrace[];
  readonly modules: readonly ModuleFidelity[];
  /** Whether enough of the top frames have names for people to work with. */
  readonly useful: boolean;
  /** What was used and how long it took, kept with the result. */
  readonly manifest: Manifest;
};

/**
 * How a retrace ended: with a trace; with a core that is no whole core (`damaged`); with a core that the
 * debugger could not cope with (`report`); or worth another try.
 */
export type RetraceResult =
  | Traced
  | { readonly kind: "damaged"; readonly reason: string }
  | { readonly kind: "report"; readonly reason: string }
  | { readonly kind: "retry"; readonly reason: string };
