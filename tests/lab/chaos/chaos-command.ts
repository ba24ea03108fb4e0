import { join } from "node:path";
import { withOwnMounts } from "../mount-namespace.ts";
import type { ChaosOptions } from "./chaos.ts";

/** The command line of one run, in a mount namespace of its own for its small disks. */
export function chaosCommand(options: Omit<ChaosOptions, "tell">): readonly [string, ...string[]] {
  const script = join(import.meta.dirname, "inside.ts");
  const numbers = [options.seed, options.crashes, options.strikes].map(String);
  return [...withOwnMounts(), process.execPath, "--disable-warning=ExperimentalWarning", script, ...numbers];
}
