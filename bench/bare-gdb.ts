import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { loadConfig } from "../src/config/load.ts";
import { gdbCommand, sessionScript } from "../src/debugger/gdb-command.ts";
import { prepare, readWholeCore } from "../src/retrace/retrace.ts";
import { systemClock } from "../src/system/clock.ts";
import { silentLog } from "../src/system/log.ts";
import { wireRetrace } from "../src/wiring/retrace.ts";

/** A configuration for crashes of this machine's own programs. */
export async function writeSystemConfig(folder: string): Promise<string> {
  const path = join(folder, "config.toml");
  const config = { state_dir: join(folder, "state"), cache_dir: join(folder, "cache"), releases: "system" };
  await writeFile(path, `${stringify(config)}\n`);
  return path;
}

/** The command line that gives gdb, without a jail, the same commands and files as a retrace does. */
export async function bareGdb(core: string, configPath: string, folder: string): Promise<readonly string[]> {
  const workFolder = join(folder, `bare-${core.split(".").at(-1)}`);
  await mkdir(workFolder);
  const corePath = join(workFolder, "core");
  await copyFile(core, corePath);
  await chmod(corePath, 0o644);
  const read = readWholeCore(corePath);
  if (read.kind === "damaged") throw new Error(read.reason);
  const services = await wireRetrace(loadConfig(configPath), silentLog);
  const crash = { fields: new Map(), corePath, workFolder };
  const signal = new AbortController().signal;
  const { task } = await prepare(crash, read.core, { ...services, clock: systemClock }, signal);
  const places = new Map([
    ["/sysroot", task.sysroot],
    ["/stage/core", corePath],
    ["/stage/program", `${task.sysroot}${task.executablePath}`],
    ["/frames.py", join(import.meta.dirname, "..", "src", "debugger", "frames.py")],
  ]);
  const pattern = /\/(?:sysroot|stage\/core|stage\/program|frames\.py)(?![\w.-])/g;
  // The packages' own files and nothing else: the kept indexes of symbols are ours.
  const start = gdbCommand({ ...task, indexFolder: null }, "gdb");
  const commands = sessionScript(task, "bench").flatMap((command) => ["-ex", command]);
  return [...start, "-batch", ...commands].map((word) => word.replace(pattern, (name) => places.get(name) ?? name));
}
