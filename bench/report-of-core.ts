import { join } from "node:path";
import { describeEnd, minimalEnvironment, run, succeeded } from "../src/system/process.ts";

const launcher = join(import.meta.dirname, "..", "bin", "crash-digger");

/** Makes a report of a raw core with the command itself. @returns the report's path. */
export async function reportOfCore(core: string, output: string): Promise<string> {
  const command = [launcher, "collect", "--core", core, "-o", output] as const;
  const result = await run([...command], { deadlineMs: 120_000, env: minimalEnvironment });
  if (!succeeded(result)) throw new Error(`${command.join(" ")}: ${describeEnd(result)}\n${result.stderr}`);
  return output;
}
