import type { MutatedReader } from "../reader.ts";

type Make = (folder: string) => MutatedReader | Promise<MutatedReader>;
const elf = () => import("./elf.ts");
const lists = () => import("./lists.ts");
const databases = () => import("./databases.ts");

/** Every reader of foreign bytes, made with a folder that it may write into; nothing but it is loaded. */
export const readers: Readonly<Record<string, Make>> = {
  report: async (folder) => (await import("./report.ts")).reportReader(folder),
  core: async () => (await elf()).coreReader(),
  "elf-file": async () => (await elf()).elfFileReader(),
  packages: async () => (await lists()).packagesReader(),
  contents: async () => (await lists()).contentsReader(),
  "apt-text": async () => (await lists()).aptTextReader(),
  deb: async (folder) => (await import("./deb.ts")).debReader(folder),
  "gdb-output": async () => (await import("./gdb-output.ts")).gdbOutputReader(),
  trace: async () => (await import("./trace.ts")).traceReader(),
  attachments: async () => (await import("./attachments.ts")).attachmentsReader(),
  config: async () => (await import("./config.ts")).configReader(),
  lock: async (folder) => (await import("./lock.ts")).lockReader(folder),
  "duplicates-file": async (folder) => (await databases()).damagedFileReader(folder, "duplicates"),
  "duplicates-rows": async (folder) => (await databases()).oddRowsReader(folder, "duplicates"),
  "state-file": async (folder) => (await databases()).damagedFileReader(folder, "state"),
  "state-rows": async (folder) => (await databases()).oddRowsReader(folder, "state"),
  "tracker-file": async (folder) => (await databases()).damagedFileReader(folder, "tracker"),
  "tracker-rows": async (folder) => (await databases()).oddRowsReader(folder, "tracker"),
};
