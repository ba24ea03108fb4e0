import type { DebuggerTask } from "./types.ts";

/** Names inside the jail: all that gdb sees is under names of our own choosing. */
export const jailPaths = {
  sysroot: "/sysroot",
  /** Folder of the two files that a gdb that was started ahead of time gets to see last. */
  stage: "/stage",
  core: "/stage/core",
  program: "/stage/program",
  frames: "/frames.py",
  indexes: "/indexes",
} as const;

/** The parts of a gdb session, in the order in which they are printed: what is dear to lose comes first. */
export const sections = [
  "version",
  "stacktrace",
  "registers",
  "disassembly",
  "abortMessage",
  "glibAssertMessage",
  "threadStacktrace",
  "frames",
  "memory",
  "end",
] as const;

export type Section = (typeof sections)[number];

/** gdb shows at most this many frames of a thread: endless recursion has a hundred thousand. */
const backtraceLimit = 2000;

const sectionCommands: Readonly<Record<Section, string | null>> = {
  version: "show version",
  stacktrace: "bt full",
  registers: "info registers",
  disassembly: "x/16i $pc",
  abortMessage: "print __abort_msg->msg",
  glibAssertMessage: "print (char*) __glib_assert_msg",
  threadStacktrace: "thread apply all bt full",
  frames: `source ${jailPaths.frames}`,
  memory: "python import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)",
  end: null,
};

// In force before gdb opens any file. gdb's own policy (gdb/SECURITY.txt): code that lies beside a program (`NAME-gdb.py`,
// `NAME-gdb.gdb`, .debug_gdb_scripts, libthread_db next to libpthread) is run when auto-load trusts the place.
const earlySettings = [
  "set auto-load off",
  "set auto-load safe-path /nonexistent",
  "set auto-load scripts-directory /nonexistent",
  "set libthread-db-search-path $sdir",
  "set debuginfod enabled off",
  "set python ignore-environment on",
  "set python dont-write-bytecode on",
  `set sysroot ${jailPaths.sysroot}`,
  `set debug-file-directory ${jailPaths.sysroot}/usr/lib/debug`,
  "set pagination off",
  "set confirm off",
  "set style enabled off",
  "set history save off",
  "set startup-with-shell off",
  "set may-call-functions off",
  "set unwindonsignal on",
  `set backtrace limit ${backtraceLimit}`,
  "set print elements 200",
  "set max-value-size 65536",
  "set max-completions 200",
  // Threads that read symbols in advance: on a machine with many cores they would use up the jail's processes.
  "maint set worker-threads 2",
];

/** The command line of a batch session; its script comes by stdin, so that gdb may be started before there is one. */
export function gdbCommand(surroundings: Surroundings, gdb: string): [string, ...string[]] {
  return [gdb, "-nx", "-nh", "-quiet", ...early([...settingsFor(surroundings), ...unattendedSettings])];
}

// What `-batch` would do: with it gdb does not read stdin.
const unattendedSettings = ["set prompt", "set width 0", "set height 0"];

/**
 * What a batch session reads: opens the crash's files and prints every section once.
 *
 * gdb goes on after a command that fails: commands in a file (`source`) would end there.
 *
 * @param marker what begins a section's first line; has to be unguessable, since a program's own strings are printed.
 */
export function sessionScript(task: DebuggerTask, marker: string): readonly string[] {
  const commands = sections.flatMap((section) => {
    const command = sectionCommands[section];
    return [`echo \\n${marker} ${section}\\n`, ...(command === null ? [] : [command])];
  });
  return [...opening(task), ...commands, leave];
}

// Its own way out takes longer: it frees one by one what the kernel takes back at once.
const leave = "python import os; gdb.flush(); os._exit(0)";

/** The session for a person. */
export function interactiveCommand(task: DebuggerTask, gdb: string): [string, ...string[]] {
  return [
    gdb,
    ...["-nx", "-nh", "-quiet"],
    ...early(settingsFor(task)),
    ...opening(task).flatMap((command) => ["-ex", command]),
  ];
}

/** What decides how gdb reads a core: its settings and then its commands, for the manifest. */
export function sessionCommands(task: DebuggerTask): readonly string[] {
  const commands = sections.map((section) => sectionCommands[section]);
  return [...settingsFor(task), ...commands.filter((command) => command !== null)];
}

/** What the settings depend on. */
type Surroundings = Pick<DebuggerTask, "architecture" | "indexFolder">;

function settingsFor({ architecture, indexFolder }: Surroundings): readonly string[] {
  const indexes = indexFolder === null ? [] : indexSettings;
  return [...earlySettings, ...indexes, `set solib-search-path ${libraryFolders(architecture).join(":")}`];
}

function early(settings: readonly string[]): string[] {
  return settings.flatMap((setting) => ["-iex", setting]);
}

// gdb would write the indexes that it lacks, too; in the jail the folder is read-only, and it goes on without a word.
const indexSettings = [`set index-cache directory ${jailPaths.indexes}`, "set index-cache enabled on"];

// Both paths are constants of ours: gdb reads a file name in a command as an expression with quotes and spaces.
function opening({ executablePath }: DebuggerTask): readonly string[] {
  return [...(executablePath === null ? [] : [`file ${jailPaths.program}`]), `core-file ${jailPaths.core}`];
}

const triplets: Readonly<Record<string, string>> = {
  amd64: "x86_64-linux-gnu",
  arm64: "aarch64-linux-gnu",
  armel: "arm-linux-gnueabi",
  armhf: "arm-linux-gnueabihf",
  i386: "i386-linux-gnu",
  loong64: "loongarch64-linux-gnu",
  mips64el: "mips64el-linux-gnuabi64",
  ppc64el: "powerpc64le-linux-gnu",
  riscv64: "riscv64-linux-gnu",
  s390x: "s390x-linux-gnu",
};

// Where gdb looks for a library that the core names in another way (`/lib` for `/usr/lib`).
function libraryFolders(architecture: string): string[] {
  const triplet = triplets[architecture];
  const names = [...(triplet === undefined ? [] : [`lib/${triplet}`]), "lib", "lib64"];
  return names.flatMap((name) => [`${jailPaths.sysroot}/${name}`, `${jailPaths.sysroot}/usr/${name}`]);
}
