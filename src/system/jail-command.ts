import type { JailLimits, JailMount, JailTask } from "./jail-types.ts";

/** What the jail's command line depends on of this machine. Read by `jail-host.ts`. */
export type JailHost = {
  /** Root needs the two-step jail, see `jailCommand`. */
  readonly isRoot: boolean;
  /** Root folder of the system that the jail shows: empty for this machine's own. */
  readonly system: string;
  /** How /bin, /lib, /lib64 … look in that system: links into /usr, or folders of their own on an unmerged system. */
  readonly topFolders: readonly TopFolder[];
  /** Folders below /usr that must not be seen and exist here. */
  readonly hiddenFolders: readonly string[];
  /** Whether there is an /etc/ld.so.cache. */
  readonly hasLinkerCache: boolean;
};

export type TopFolder = { readonly path: string; readonly linkTarget: string | null };

/** `batch`: a session of its own, no terminal. `terminal`: the caller provides a terminal made for this jail only. */
export type JailMode = "batch" | "terminal";

// bubblewrap needs to see what it mounts. As root we step down to nobody first, and nobody cannot walk into our
// 0700 folders; so a first bwrap (still root, mount namespace only) puts what is needed under this folder.
const stage = "/mnt";
const stagedSystem = `${stage}/system`;
const nobody = 65534;

/**
 * The command line that runs a task in the jail.
 *
 * As an ordinary user one bwrap does it all. As root there are two: the outer one, as root, binds the mounts to
 * a staging folder that only its child sees; setpriv then becomes nobody; the inner one builds the jail. So a
 * process that breaks out is nobody, not root, and root's own files stay closed to it.
 */
export function jailCommand(task: JailTask, host: JailHost, mode: JailMode): [string, ...string[]] {
  if (!host.isRoot) return ["bwrap", ...innerArguments(task, host, mode, task.mounts)];
  const staged = task.mounts.map((mount, index) => ({ ...mount, hostPath: `${stage}/${index}` }));
  const binds = task.mounts.flatMap((mount, index) => ["--ro-bind", mount.hostPath, `${stage}/${index}`]);
  if (host.system !== "") binds.push("--ro-bind", host.system, stagedSystem);
  const stagedHost = host.system === "" ? host : { ...host, system: stagedSystem };
  return [
    "bwrap",
    ...["--die-with-parent", "--cap-add", "ALL", "--dev-bind", "/", "/", "--tmpfs", stage, ...binds, "--"],
    // The kernel forgets the parent-death signal when the uid changes, so setpriv has to ask for it again.
    ...["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", "--no-new-privs"],
    ...["--pdeathsig", "KILL", "--"],
    ...["bwrap", ...innerArguments(task, stagedHost, mode, staged)],
  ];
}

function innerArguments(task: JailTask, host: JailHost, mode: JailMode, mounts: readonly JailMount[]): string[] {
  return [
    ...namespaces(mode),
    ...environment(task),
    ...hostView(host),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...["--size", String(task.limits.scratchBytes), "--tmpfs", "/tmp"],
    ...mounts.flatMap((mount) => ["--ro-bind", mount.hostPath, mount.jailPath]),
    // The root and /dev are tmpfs of bwrap's own, without a size, and belong to the jailed user: closed last.
    ...["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"],
    ...begun(task),
  ];
}

// `--unshare-all` only *tries* the user and cgroup namespaces. Asked for by name, each is there or bwrap fails.
function namespaces(mode: JailMode): string[] {
  const names = ["user", "pid", "net", "ipc", "uts", "cgroup"].map((name) => `--unshare-${name}`);
  return [
    ...names,
    // bwrap 0.8 and later; an older one refuses the option, which is told as what it is (jail-failure.ts).
    "--disable-userns",
    ...["--die-with-parent", "--cap-drop", "ALL", "--hostname", "jail"],
    // In force from the last moment before the command (bash, then gdb) is started; also for bwrap's own pid 1.
    ...["--seccomp", "4"],
    // Without a session of its own a process can push keystrokes into our terminal (TIOCSTI, CVE-2017-5226).
    ...(mode === "batch" ? ["--new-session"] : []),
  ];
}

function environment(task: JailTask): string[] {
  const variables = { PATH: "/usr/bin", HOME: "/nonexistent", LC_ALL: "C.UTF-8", ...task.env };
  return ["--clearenv", ...Object.entries(variables).flatMap(([name, value]) => ["--setenv", name, value])];
}

function hostView(host: JailHost): string[] {
  return [
    ...["--ro-bind", `${host.system}/usr`, "/usr"],
    ...host.topFolders.flatMap(({ path, linkTarget }) =>
      linkTarget === null ? ["--ro-bind", `${host.system}${path}`, path] : ["--symlink", linkTarget, path],
    ),
    ...(host.hasLinkerCache ? ["--ro-bind", `${host.system}/etc/ld.so.cache`, "/etc/ld.so.cache"] : []),
    ...host.hiddenFolders.flatMap((path) => ["--size", "4096", "--tmpfs", path, "--remount-ro", path]),
  ];
}

// Set inside, by the last process before the command: the kernel (5.14 and later) then counts processes per user
// namespace, so an ordinary user's own desktop does not use up the jail's share, nor one jail another's. In bash's units:
// seconds, KiB, processes, KiB, files.
function limits({ cpuSeconds, memoryBytes, processes, scratchBytes, openFiles }: JailLimits): string {
  const kib = (bytes: number): number => Math.floor(bytes / 1024);
  return [
    // SIGXCPU at the first number says what happened; SIGKILL at the second cannot be ignored.
    `ulimit -S -t ${cpuSeconds}`,
    `ulimit -H -t ${cpuSeconds + 5}`,
    `ulimit -v ${kib(memoryBytes)} -u ${processes} -f ${kib(scratchBytes)} -n ${openFiles} -c 0`,
  ].join(" && ");
}

/** What the jail writes to file descriptor 3 when it stands. On 4 it reads the system call filter. */
export const builtSign = "built";

// bwrap's own failures and those of the command both end in an exit code and some words on stderr. So the last step
// before the command says on a pipe of its own that the jail stands; the command does not inherit that pipe, nor
// any file that cron or systemd left open for us without close-on-exec. (bash, since dash knows only fds 0 to 9.)
//
// The limit on memory is for each process, and there may be many. Should they fill this machine together, the kernel
// is to kill one of them, not one of ours.
const announce = `echo 1000 >/proc/self/oom_score_adj
echo ${builtSign} >&3
for open in /proc/self/fd/*; do fd=\${open##*/}; if ((fd > 2)); then exec {fd}>&-; fi; done
exec "$@"`;

function begun({ limits: bounds, command }: Pick<JailTask, "limits" | "command">): string[] {
  return ["bash", "--norc", "--noprofile", "-c", `${limits(bounds)} || exit 1\n${announce}`, "bash", ...command];
}
