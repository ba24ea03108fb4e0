import { spawn } from "node:child_process";
import { minimalEnvironment } from "../../src/system/process.ts";
import { type CommandLab, launcher } from "./command.ts";

export type StartedBatch = {
  readonly pid: number;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }>;
};

/** Starts `crash-digger run` and leaves it running, to be interrupted. The launcher becomes it by exec. */
export function startBatch(command: Pick<CommandLab, "configFile">): StartedBatch {
  const child = spawn(launcher, ["--config", command.configFile, "run"], { env: minimalEnvironment, stdio: "ignore" });
  const ended = new Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
  return { pid: child.pid ?? 0, ended };
}
