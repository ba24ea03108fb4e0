import { readdirSync, readFileSync } from "node:fs";

/** Word in a launcher's command line by which it is told from the program that it becomes by exec. */
export const launcherMark = "crash-lab-launcher";

/** What /proc says about a process at one moment. */
type Moment = { readonly state: string; readonly parent: number; readonly fingerprint: string };

/**
 * Waits until a process sleeps in its main loop: it has been exec'ed, is asleep, and has used no time
 * and switched no context over several looks in a row. Throws when it ends first or at the deadline.
 */
export async function untilSettled(pid: number, deadlineMs: number): Promise<void> {
  const looksNeeded = 5;
  const until = performance.now() + deadlineMs;
  let last = "";
  for (let looks = 0; looks < looksNeeded; ) {
    const moment = momentOf(pid);
    if (moment === null || moment.state === "Z") throw new Error(`process ${pid} ended before it was ready`);
    const quiet = moment.state === "S" && moment.fingerprint === last && !isLauncher(pid);
    looks = quiet ? looks + 1 : 0;
    last = moment.fingerprint;
    await pauseUntil(until, `process ${pid} did not come to rest (state ${moment.state})`);
  }
}

/**
 * Waits for the program that a debugger starts: the child of `parent` that it traces, and that has been exec'ed. It has
 * others: gdb asks `iconv` for the names of character sets.
 */
export async function untilChild(parent: number, deadlineMs: number): Promise<number> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    const child = childrenOf(parent).find((pid) => tracerOf(pid) === parent && !isLauncher(pid));
    if (child !== undefined) return child;
    await pauseUntil(until, `process ${parent} started no program`);
  }
}

/** One short pause of a polling loop; throws once the deadline has passed. */
export async function pauseUntil(until: number, complaint: string): Promise<void> {
  if (performance.now() > until) throw new Error(complaint);
  await new Promise((resolve) => setTimeout(resolve, 20));
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => momentOf(pid)?.parent === parent);
}

function tracerOf(pid: number): number {
  return Number(/^TracerPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1]);
}

// The command line is empty in the middle of exec, and of a process that has ended.
function isLauncher(pid: number): boolean {
  const commandLine = read(`/proc/${pid}/cmdline`) ?? "";
  return commandLine === "" || commandLine.includes(launcherMark);
}

// The name in /proc/PID/stat is in parentheses and may itself hold blanks and parentheses.
function momentOf(pid: number): Moment | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const switches = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return {
    state: fields[0] ?? "?",
    parent: Number(fields[1]),
    fingerprint: `${fields[11]} ${fields[12]} ${switches}`,
  };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has just ended: for the callers that is an answer like any other.
    return null;
  }
}
