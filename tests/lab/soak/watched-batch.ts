import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { minimalEnvironment } from "../../../src/system/process.ts";
import { type CommandLab, launcher } from "../command.ts";

/** A batch's process, looked at from outside while it runs. */
export type WatchedProcess = {
  /** Its resident memory now, MiB. */
  residentMiB(): number;
  /** The most that it had resident since it began, or since `forgetPeak`, MiB. */
  peakMiB(): number;
  forgetPeak(): void;
};

export type WatchedEnd = { readonly exitCode: number | null; readonly log: readonly string[]; readonly stderr: string };

/**
 * Runs one batch and looks at its memory at chosen moments.
 *
 * @param afterCrash is called each time that the log tells of a crash that is done, with how many there have been
 */
export async function watchBatch(
  command: Pick<CommandLab, "configFile">,
  args: readonly string[],
  afterCrash: (done: number, watched: WatchedProcess) => void,
): Promise<WatchedEnd> {
  const child = spawn(launcher, ["--config", command.configFile, "run", ...args], {
    env: { ...minimalEnvironment, TZ: "UTC" },
    stdio: ["ignore", "pipe", "pipe"],
    // Longer than any of the tests that wait for it.
    timeout: 4 * 3600_000,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  let stderr = "";
  child.stderr.on("data", (piece: Buffer) => {
    stderr += piece.toString("utf8");
  });
  const watched = watchedProcess(child.pid ?? 0);
  const log: string[] = [];
  let done = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    log.push(line);
    if (line.includes(" crash done ")) afterCrash(++done, watched);
  }
  return { exitCode: await ended, log, stderr };
}

// The kernel keeps the peak of each process's resident memory (VmHWM), and writing 5 to clear_refs sets it back to what is
// resident now (proc(5)). So a stretch of one process's life has a peak of its own, and no sample can miss it.
function watchedProcess(pid: number): WatchedProcess {
  const line = (name: string): number => {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
  };
  return {
    residentMiB: () => line("VmRSS"),
    peakMiB: () => line("VmHWM"),
    forgetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, "5"),
  };
}
