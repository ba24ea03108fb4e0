import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { debugCore } from "../../../src/debugger/debug-core.ts";
import type { DebuggerLimits } from "../../../src/debugger/debugger-limits.ts";
import type { DebuggerOutput, DebuggerTask } from "../../../src/debugger/types.ts";
import { run } from "../../../src/system/process.ts";
import { nativeArchitecture } from "../../lab/architecture.ts";
import { compile } from "../../lab/build.ts";
import { type MakeCoreOptions, makeCore } from "../../lab/make-core.ts";

export const ordinaryLimits: DebuggerLimits = {
  wallMs: 100_000,
  memoryBytes: 4 * 1024 ** 3,
  outputBytes: 16 * 1024 ** 2,
  processes: 64,
};

/** A program that has crashed, with a sysroot that holds it and its libraries. */
export type CrashedProgram = { readonly task: DebuggerTask; readonly sysroot: string; readonly program: string };

export type Crash = {
  /** A name of the lab's programs, or C source text. */
  readonly source: string;
  readonly flags?: readonly string[];
  readonly strip?: boolean;
  /** Path of the program below its folder; hostile ones are welcome. */
  readonly name?: string;
  readonly args?: readonly string[];
  readonly core?: MakeCoreOptions;
};

const crashes = new Map<string, Promise<CrashedProgram>>();

/** Compiles, crashes and lays out a program, once a recipe. All is below one folder, removed by `removeCrashed`. */
export function crash(recipe: Crash): Promise<CrashedProgram> {
  const key = JSON.stringify(recipe);
  const known = crashes.get(key);
  if (known !== undefined) return known;
  const made = make(recipe);
  crashes.set(key, made);
  return made;
}

async function make(recipe: Crash): Promise<CrashedProgram> {
  const folder = await newFolder();
  const program = join(folder, "programs", recipe.name ?? "program");
  await build(recipe, folder, program);
  const corePath = await makeCore([program, ...(recipe.args ?? [])], folder, { crashesByItself: true, ...recipe.core });
  const sysroot = join(folder, "sysroot");
  for (const path of [program, ...(await librariesOf(program))]) await put(path, join(sysroot, path));
  await Promise.all(["lib", "lib64"].map((name) => symlink(`usr/${name}`, join(sysroot, name))));
  await run(["chmod", "-R", "o+rX", sysroot, corePath], { deadlineMs: 10_000 });
  const architecture = await nativeArchitecture();
  return {
    task: { corePath, sysroot, indexFolder: null, system: null, executablePath: program, architecture },
    sysroot,
    program,
  };
}

/** What gdb says of it; fails when gdb has nothing to say. */
export async function outputOf(
  crashed: CrashedProgram,
  limits: DebuggerLimits = ordinaryLimits,
): Promise<DebuggerOutput> {
  const result = await debugCore(crashed.task, limits);
  if (result.kind !== "output") throw new Error(`${result.kind}: ${result.reason}`);
  return result.output;
}

const folders: string[] = [];

/** A folder that `removeCrashed` removes. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "debugger-"));
  folders.push(folder);
  return folder;
}

/** Removes all of it; whoever wants one of the crashes again, in another file of tests, makes it anew. */
export async function removeCrashed(): Promise<void> {
  crashes.clear();
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}

async function build(recipe: Crash, folder: string, program: string): Promise<void> {
  const isText = recipe.source.includes("{");
  const source = isText ? join(folder, "program.c") : recipe.source;
  if (isText) await writeFile(source, recipe.source);
  await compile({ sources: [source], output: program, flags: recipe.flags ?? [] });
  if (recipe.strip === true) await run(["strip", program], { deadlineMs: 30_000 });
}

// Where the kernel names them: `/lib` is a link to `/usr/lib` on every release that matters.
async function librariesOf(program: string): Promise<string[]> {
  const listed = await run(["ldd", program], { deadlineMs: 30_000 });
  const paths = [...listed.stdout.toString().matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? "");
  return paths.map((path) => path.replace(/^\/lib/, "/usr/lib"));
}

async function put(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, 0o755);
}
