import { randomBytes } from "node:crypto";
import { interactiveInJail, type JailResult, runInJail } from "../system/jail.ts";
import { type DebuggerLimits, jailLimits } from "./debugger-limits.ts";
import { chooseGdbOf } from "./find-gdb.ts";
import { parseThreads } from "./frame-schema.ts";
import { gdbCommand, interactiveCommand, type Section, sessionCommands, sessionScript } from "./gdb-command.ts";
import { describeJailEnd } from "./jail-end.ts";
import { debuggerMounts, refuseAbsoluteLinks } from "./jail-task.ts";
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
import type { WarmDebugger } from "./warm-debugger.ts";

/**
 * Lets gdb read one core inside the jail and returns what it said.
 *
 * A session that ended early but had printed the crashed thread's stack is a result too, with the end in its warnings.
 *
 * @param warm a gdb that was started ahead of time, used if it fits.
 * @throws ServiceFailure when there is no gdb or no jail, never because of what is in the core.
 */
export async function debugCore(
  task: DebuggerTask,
  limits: DebuggerLimits,
  signal: AbortSignal = new AbortController().signal,
  warm: WarmDebugger | null = null,
): Promise<DebuggerResult> {
  const gdb = chooseGdbOf(task);
  if (gdb.kind === "foreign") return { kind: "report", reason: gdb.reason };
  refuseAbsoluteLinks(task.sysroot);
  const marker = randomBytes(16).toString("hex");
  const script = `${sessionScript(task, marker).join("\n")}\n`;
  const startedAt = performance.now();
  const result = warm?.fits(task)
    ? await warm.debug(task, script)
    : await runInJail(
        {
          command: gdbCommand(task, gdb.program),
          mounts: debuggerMounts(task),
          limits: jailLimits(limits),
          ...systemOf(task),
        },
        { signal, stdin: script },
      );
  signal.throwIfAborted();
  const durationMs = performance.now() - startedAt;
  return judge({ ...result, durationMs }, splitSections(result.stdout.toString("utf8"), marker), task);
}

/**
 * Opens gdb on a core for the person at the terminal, in the same jail; resolves with gdb's exit code.
 *
 * @throws ServiceFailure when there is no gdb, none for this architecture, or no jail.
 */
export async function openGdb(task: DebuggerTask, limits: DebuggerLimits): Promise<number> {
  const gdb = chooseGdbOf(task);
  if (gdb.kind === "foreign") throw new Error(gdb.reason);
  // A person thinks between commands: what bounds gdb here is the person.
  const unhurried = { ...jailLimits(limits), cpuSeconds: 24 * 3600 };
  refuseAbsoluteLinks(task.sysroot);
  return interactiveInJail({
    command: interactiveCommand(task, gdb.program),
    mounts: debuggerMounts(task),
    limits: unhurried,
    ...systemOf(task),
  });
}

function systemOf({ system }: DebuggerTask): { system?: string } {
  return system === null ? {} : { system };
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
