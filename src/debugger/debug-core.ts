import { randomBytes } from "node:crypto";
import { interactiveInJail, type JailLimits, type JailResult, runInJail } from "../system/jail.ts";
import { chooseGdb } from "./find-gdb.ts";
import { parseThreads } from "./frame-schema.ts";
import { batchCommand, interactiveCommand, type Section, sessionCommands } from "./gdb-command.ts";
import { describeJailEnd } from "./jail-end.ts";
import { debuggerMounts } from "./jail-task.ts";
import { memoryRanOut } from "./memory.ts";
import {
  disassemblyText,
  fieldText,
  peakMemory,
  printedValue,
  type SessionText,
  splitSections,
} from "./session-output.ts";
import type { DebuggerOutput, DebuggerResult, DebuggerTask } from "./types.ts";

/** How much gdb may use for one core; from `[gdb]` of the configuration. */
export type DebuggerLimits = Pick<JailLimits, "wallMs" | "memoryBytes" | "outputBytes" | "processes">;

/**
 * Lets gdb read one core inside the jail and returns what it said.
 *
 * A session that ended early but had printed the crashed thread's stack is a result too, with the end in its warnings.
 *
 * @throws ServiceFailure when there is no gdb or no jail, never because of what is in the core.
 */
export async function debugCore(
  task: DebuggerTask,
  limits: DebuggerLimits,
  signal?: AbortSignal,
): Promise<DebuggerResult> {
  const gdb = chooseGdb(task.architecture);
  if (gdb.kind === "foreign") return { kind: "report", reason: gdb.reason };
  const marker = randomBytes(16).toString("hex");
  const command = batchCommand(task, gdb.program, marker);
  const jailTask = { command, mounts: debuggerMounts(task), limits: jailLimits(limits) };
  const result = await runInJail(jailTask, signal === undefined ? {} : { signal });
  signal?.throwIfAborted();
  return judge(result, splitSections(result.stdout.toString("utf8"), marker), task);
}

/**
 * Opens gdb on a core for the person at the terminal, in the same jail; resolves with gdb's exit code.
 *
 * @throws ServiceFailure when there is no gdb, none for this architecture, or no jail.
 */
export async function openGdb(task: DebuggerTask, limits: DebuggerLimits): Promise<number> {
  const gdb = chooseGdb(task.architecture);
  if (gdb.kind === "foreign") throw new Error(gdb.reason);
  // A person thinks between commands: what bounds gdb here is the person.
  const unhurried = { ...jailLimits(limits), cpuSeconds: 24 * 3600 };
  return interactiveInJail({
    command: interactiveCommand(task, gdb.program),
    mounts: debuggerMounts(task),
    limits: unhurried,
  });
}

/** The jail's limits for one run of gdb. */
export function jailLimits(limits: DebuggerLimits): JailLimits {
  const wallSeconds = Math.ceil(limits.wallMs / 1000);
  // gdb reads symbols in a few threads, so its CPU time may be ahead of the clock.
  return { ...limits, cpuSeconds: 2 * wallSeconds + 1, scratchBytes: 16 * 1024 ** 2, openFiles: 1024 };
}

function judge(result: JailResult, session: SessionText, task: DebuggerTask): DebuggerResult {
  const stacktrace = session.get("stacktrace");
  const ended = earlyEnd(result, session);
  if (stacktrace?.complete !== true || !/^#0 /m.test(stacktrace.text)) {
    return failure(result, ended ?? "gdb found no stack in the core");
  }
  return { kind: "output", output: outputOf(result, session, ended, task) };
}

function failure(result: JailResult, reason: string): DebuggerResult {
  const words = telling(fieldText(result.stderr));
  const whole = words === "" ? reason : `${reason}: ${words}`;
  return memoryRanOut(result)
    ? { kind: "retry", reason: `gdb ran out of memory: ${whole}` }
    : { kind: "report", reason: whole };
}

// Without a core every command after it complains too; what counts is why there is none.
function telling(stderr: string): string {
  const lines = stderr
    .split("\n")
    .filter((line) => !/^\.?$|^No (?:stack|registers|symbol)|has no registers now/.test(line));
  return lines.slice(-5).join("; ").slice(-1000);
}

// gdb's exit code tells whether its last command succeeded, which is of no interest. What counts is the last marker.
function earlyEnd(result: JailResult, session: SessionText): string | null {
  if (session.has("end")) return null;
  const reached = [...session.keys()].at(-1) ?? "the start";
  return `gdb did not get past ${reached}: ${describeJailEnd(result)}`;
}

function outputOf(result: JailResult, session: SessionText, ended: string | null, task: DebuggerTask): DebuggerOutput {
  const text = (section: Section): string => session.get(section)?.text ?? "";
  return {
    registers: fieldText(text("registers")),
    disassembly: disassemblyText(text("disassembly")),
    stacktrace: fieldText(text("stacktrace")),
    threadStacktrace: fieldText(text("threadStacktrace")),
    abortMessage: printedValue(text("abortMessage")),
    glibAssertMessage: printedValue(text("glibAssertMessage")),
    threads: parseThreads(text("frames")),
    warnings: [fieldText(result.stderr), ...(ended === null ? [] : [ended])].join("\n"),
    gdbVersion: fieldText(text("version")).split("\n")[0] ?? "",
    commands: sessionCommands(task),
    peakMemoryBytes: peakMemory(text("memory")),
    durationMs: result.durationMs,
  };
}
