import { usesChroots } from "../config/environment.ts";
import type { Config } from "../config/schema.ts";
import { type WarmDebugger, warmDebugger } from "../debugger/warm-debugger.ts";
import type { WorkFolder } from "../digger/services.ts";
import { makeWorkFolder } from "../digger/work-folders.ts";
import { debuggerLimits } from "../wiring/debugger-limits.ts";
import { pathsOf } from "../wiring/paths.ts";
import { configWith } from "./config-overrides.ts";
import type { RetraceFlags } from "./retrace-flags.ts";

/** A retrace before anything is known of its report: a folder for it, and a gdb that starts in its jail meanwhile. */
export type BegunRetrace = AsyncDisposable & {
  readonly config: Config;
  readonly work: WorkFolder;
  /** Null where a person will use gdb. */
  readonly warm: WarmDebugger | null;
};

/**
 * Begins a retrace. Imports little: while gdb starts, the rest of the program is loaded.
 *
 * @throws ConfigError, or Node's error when the work folder cannot be made.
 */
export async function beginRetrace(flags: RetraceFlags): Promise<BegunRetrace> {
  const config = configWith({ ...flags, releases: flags.sandbox });
  await using opened = new AsyncDisposableStack();
  const work = opened.use(await makeWorkFolder(pathsOf(config).work));
  const { signal } = new AbortController();
  const warm =
    flags.gdb || usesChroots(config) ? null : opened.use(await warmDebugger(work.path, debuggerLimits(config), signal));
  const everything = opened.move();
  return { config, work, warm, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}
