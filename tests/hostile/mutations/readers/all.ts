import type { MutatedReader } from "../reader.ts";
import { attachmentsReader } from "./attachments.ts";
import { configReader } from "./config.ts";
import { damagedFileReader, oddRowsReader } from "./databases.ts";
import { debReader } from "./deb.ts";
import { coreReader, elfFileReader } from "./elf.ts";
import { gdbOutputReader } from "./gdb-output.ts";
import { aptTextReader, contentsReader, packagesReader } from "./lists.ts";
import { lockReader } from "./lock.ts";
import { reportReader } from "./report.ts";
import { traceReader } from "./trace.ts";

/** Every reader of foreign bytes, made with a folder that it may write into. */
export const readers: Readonly<Record<string, (folder: string) => MutatedReader | Promise<MutatedReader>>> = {
  report: reportReader,
  core: coreReader,
  "elf-file": elfFileReader,
  packages: packagesReader,
  contents: contentsReader,
  "apt-text": aptTextReader,
  deb: debReader,
  "gdb-output": gdbOutputReader,
  trace: traceReader,
  attachments: attachmentsReader,
  config: configReader,
  lock: lockReader,
  "duplicates-file": (folder) => damagedFileReader(folder, "duplicates"),
  "duplicates-rows": (folder) => oddRowsReader(folder, "duplicates"),
  "state-file": (folder) => damagedFileReader(folder, "state"),
  "state-rows": (folder) => oddRowsReader(folder, "state"),
  "tracker-file": (folder) => damagedFileReader(folder, "tracker"),
  "tracker-rows": (folder) => oddRowsReader(folder, "tracker"),
};
