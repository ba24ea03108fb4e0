import type { Command } from "commander";
import type { Config } from "../config/schema.ts";
import type { State } from "../digger/state.ts";
import type { Tracker } from "../tracker/types.ts";

/** Opens the configured tracker and `state.db` for the time of some work. */
export async function withState<T>(
  command: Command,
  work: (tracker: Tracker, state: State, config: Config) => Promise<T>,
): Promise<T> {
  const [{ loadConfig }, { openState }, { openTracker }, { pathsOf }] = await Promise.all([
    import("../config/load.ts"),
    import("../digger/state.ts"),
    import("../wiring/open.ts"),
    import("../wiring/paths.ts"),
  ]);
  const config = loadConfig(command.optsWithGlobals<{ config?: string }>().config);
  await using tracker = await openTracker(config);
  const state = await openState(pathsOf(config).state);
  try {
    return await work(tracker, state, config);
  } finally {
    await state.close();
  }
}
