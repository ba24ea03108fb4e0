import { Command } from "commander";
import { type FileByteReader, openByteReader } from "../core/byte-reader.ts";
import { readCore } from "../core/read-core.ts";
import { signalName } from "../core/signal-name.ts";
import type { Core, CoreModule } from "../core/types.ts";
import { messageOf } from "../system/failure.ts";
import { CliError } from "./exit.ts";
import { examplesAndExitCodes } from "./help.ts";
import { printable } from "./printable.ts";

const help = examplesAndExitCodes(
  "crash-digger core core.4711",
  "crash-digger core --json core.4711 | jq -r '.modules[].buildId'",
);

/** `crash-digger core FILE`: what a core says of itself. */
export function coreCommand(): Command {
  return new Command("core")
    .description("show what an ELF core dump holds: modules with build-ids, threads, signal")
    .argument("<file>", "core dump, uncompressed")
    .option("--json", "print one JSON object")
    .addHelpText("after", help)
    .action((file: string, options: { json?: boolean }) => {
      const core = coreIn(file);
      process.stdout.write(options.json === true ? `${JSON.stringify(asJson(core))}\n` : asText(core));
    });
}

function coreIn(file: string): Core {
  const reader = opened(file);
  try {
    const result = readCore(reader);
    if (result.ok) return result.core;
    const advice = adviceOn(reader.read(0, 4)) ?? "Give it an ELF core dump.";
    throw new CliError(`${printable(file)} is not a readable core: ${printable(result.fault.message)}. ${advice}`);
  } finally {
    reader.close();
  }
}

function opened(file: string): FileByteReader {
  try {
    return openByteReader(file);
  } catch (error) {
    throw new CliError(
      `cannot open ${printable(file)}: ${printable(messageOf(error))}. Check the path and its permissions.`,
    );
  }
}

// What people give instead of a core: the compressed core of systemd-coredump, or a whole report.
function adviceOn(start: Buffer): string | null {
  const hex = start.toString("hex");
  if (hex === "28b52ffd") return "It is compressed with zstd: decompress it first (zstd -d).";
  if (hex.startsWith("1f8b")) return "It is compressed with gzip: decompress it first (gunzip).";
  if (start.toString("latin1") === "Prob") return "It looks like a crash report: crash-digger retrace takes those.";
  return null;
}

function asJson(core: Core) {
  return {
    architecture: core.architecture,
    machine: core.machine,
    bits: core.bits,
    byteOrder: core.byteOrder,
    pid: core.pid,
    command: core.commandName,
    commandLine: core.commandLine,
    modules: core.modules.map(({ path, start, end, buildId, isExecutable, deleted }) => {
      return { path, start: hex(start), end: hex(end), buildId, isExecutable, deleted };
    }),
    threads: core.threads.map(({ tid, pc }) => ({ tid, pc: pc === null ? null : hex(pc) })),
    signal: core.signal,
    signalName: nameOfSignal(core),
    linkNames: core.linkNames.map(({ name, loadAddress }) => ({ name, loadAddress: hex(loadAddress) })),
    truncatedBy: core.truncatedBy,
  };
}

function asText(core: Core): string {
  const command = [core.commandLine, core.commandName].find((text) => text) ?? "unknown";
  const lines = [
    `Command       ${printable(command)}${core.pid === null ? "" : ` (pid ${core.pid})`}`,
    `Architecture  ${core.architecture ?? `unknown machine ${core.machine}`}, ${core.bits} bits, ${core.byteOrder}-endian`,
    `Signal        ${core.signal === null ? "none noted" : `${core.signal} ${nameOfSignal(core) ?? ""}`.trimEnd()}`,
    `Complete      ${core.truncatedBy === 0 ? "yes" : `no, cut off by ${core.truncatedBy} bytes`}`,
    "",
    `${core.threads.length} ${core.threads.length === 1 ? "thread" : "threads"} (the crashing one first)`,
    ...core.threads.map(({ tid, pc }) => `  ${String(tid).padStart(7)}  pc ${pc === null ? "unknown" : hex(pc)}`),
    "",
    `${core.modules.length} modules (* the program itself)`,
    ...core.modules.map(moduleLine),
  ];
  return `${lines.join("\n")}\n`;
}

function moduleLine({ path, start, buildId, isExecutable, deleted }: CoreModule): string {
  const mark = isExecutable ? "*" : " ";
  const name = `${printable(path)}${deleted ? " (deleted since)" : ""}`;
  return `${mark} ${hex(start).padEnd(18)}  ${(buildId ?? "no build-id").padEnd(40)}  ${name}`;
}

function nameOfSignal(core: Core): string | null {
  return core.signal === null ? null : signalName(core.signal, core.machine);
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
