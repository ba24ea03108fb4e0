import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { Core, CoreModule } from "../core/types.ts";
import { elfOf } from "../symbols/elf-of.ts";
import { safePath } from "../symbols/host/safe-path.ts";
import { scriptOf } from "./script.ts";
import type { Refused } from "./types.ts";

/** What crashed. */
export type Program = {
  readonly kind: "program";
  /** The report's ExecutablePath: the program, or the script that it interpreted. */
  readonly path: string;
  /** ExecutablePath, and InterpreterPath of a script. */
  readonly fields: Readonly<Record<string, string>>;
  /** Whether the file at that place is now known to be another one than the one that crashed. */
  readonly replaced: boolean;
  readonly notes: readonly string[];
};

/**
 * Finds out what crashed: the program of the core, or the script that it ran.
 *
 * @param executable what the caller says; a file that is no ELF file is a script of the core's program.
 */
export async function programOf(core: Core, executable: string | null): Promise<Program | Refused> {
  const module = core.modules.find((each) => each.isExecutable);
  const told = executable === null ? null : await realPathOf(executable);
  if (told !== null) return toldProgram(told, module);
  if (module === undefined || !module.path.startsWith("/")) {
    return { kind: "refused", reason: "The core does not name its program. Say which it was: --executable PATH." };
  }
  const script = await scriptOf(module.path, core.commandLine ?? "");
  return script === null ? await elfProgram(module.path, module) : interpreted(script, module.path);
}

async function realPathOf(path: string): Promise<string> {
  const absolute = resolve(path);
  // What crashed may have been removed since; its name is as good as ever.
  return await realpath(absolute).catch(() => absolute);
}

async function toldProgram(path: string, module: CoreModule | undefined): Promise<Program> {
  const isScript = elfOf(path) === null && (await safePath("/", path)) !== null;
  if (isScript && module !== undefined && module.path !== path) return interpreted(path, module.path);
  return await elfProgram(path, module);
}

function interpreted(script: string, interpreter: string): Program {
  const fields = { ExecutablePath: script, InterpreterPath: interpreter };
  return { kind: "program", path: script, fields, replaced: false, notes: [] };
}

// A core of last week names the file, but an upgrade may have put another one there since. The build-ids tell.
async function elfProgram(path: string, module: CoreModule | undefined): Promise<Program> {
  const place = await safePath("/", path);
  const installed = place === null ? null : (elfOf(place)?.buildId ?? null);
  const crashed = module?.buildId ?? null;
  const replaced = installed !== null && crashed !== null && installed !== crashed;
  const note = `${path} is another file now than the one that crashed (build-id ${installed}, the core has ${crashed}), so the report names no version.`;
  return { kind: "program", path, fields: { ExecutablePath: path }, replaced, notes: replaced ? [note] : [] };
}
