import { systemClock } from "../system/clock.ts";
import { type Log, lineLog } from "../system/log.ts";

/** The log of a command that has nothing else to say on stdout. */
export function stdoutLog(verbose = false): Log {
  return lineLog((line) => void process.stdout.write(line), systemClock, verbose);
}
