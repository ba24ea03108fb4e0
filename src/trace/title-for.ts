import { firstWord, linesOf, strip } from "./text.ts";
import type { ReportFields } from "./types.ts";

const maxTitleCharacters = 250;

/**
 * A title for the crash, one line of at most 250 characters: `gedit crashed with SIGSEGV in strlen()`,
 * `software-center crashed with NameError in main()`, `vlc assert failure: …`. Null when the report says too little.
 */
export function titleFor(fields: ReportFields): string | null {
  const title = programTitle(fields) ?? kernelTitle(fields);
  return title === null ? null : oneLine(title);
}

function programTitle(fields: ReportFields): string | null {
  const path = fields.get("ExecutablePath");
  if (path === undefined) return null;
  const program = path.slice(path.lastIndexOf("/") + 1);
  const assertion = fields.get("AssertionMessage");
  if (fields.get("Signal") === "6" && assertion !== undefined) return `${program} assert failure: ${assertion}`;
  const reason = signalName(fields) ?? exceptionName(fields);
  if (reason === null) return null;
  return `${program} crashed with ${reason}${placeOfFault(fields)}`;
}

function kernelTitle(fields: ReportFields): string | null {
  for (const line of linesOf(fields.get("OopsText") ?? fields.get("Failure") ?? "")) {
    if (strip(line) !== "") return strip(line);
  }
  return null;
}

// signal(7); the numbers that end a process with a core on every architecture of ours.
const signalNames: ReadonlyMap<string, string> = new Map([
  ["3", "SIGQUIT"],
  ["4", "SIGILL"],
  ["5", "SIGTRAP"],
  ["6", "SIGABRT"],
  ["7", "SIGBUS"],
  ["8", "SIGFPE"],
  ["11", "SIGSEGV"],
  ["24", "SIGXCPU"],
  ["25", "SIGXFSZ"],
  ["31", "SIGSYS"],
]);

function signalName(fields: ReportFields): string | null {
  const signal = fields.get("Signal");
  if (signal === undefined) return null;
  return fields.get("SignalName") ?? signalNames.get(signal) ?? `signal ${signal}`;
}

function exceptionName(fields: ReportFields): string | null {
  let last = "";
  for (const line of linesOf(fields.get("Traceback") ?? "")) last = line;
  const name = strip(last.split(":", 1)[0] ?? "");
  return name === "" ? null : name;
}

function placeOfFault(fields: ReportFields): string {
  const place = fields.get("Signal") === undefined ? lastPythonFunction(fields) : topFunction(fields);
  if (place === null) return "";
  return place.startsWith("<") ? ` in ${place}` : ` in ${place}()`;
}

// `std::vector<int, std::allocator<int> >::at (this=0x0)`: the whole name, which ends where the arguments begin.
function topFunction(fields: ReportFields): string | null {
  for (const line of linesOf(fields.get("StacktraceTop") ?? "")) {
    const name = strip(line.split(" (", 1)[0] ?? "");
    if (name !== "" && firstWord(name) !== "??" && !name.startsWith("<")) return name;
  }
  return null;
}

function lastPythonFunction(fields: ReportFields): string | null {
  let found: string | null = null;
  for (const line of linesOf(fields.get("Traceback") ?? "")) {
    const name = /^\s+File ".+?", line \d+, in (.+)$/.exec(line)?.[1];
    if (name !== undefined) found = strip(name);
  }
  return found;
}

// A program's name and a message may hold line breaks, terminal escapes and marks that turn the writing round.
function oneLine(text: string): string {
  return strip(text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " "))
    .slice(0, maxTitleCharacters)
    .toWellFormed();
}
