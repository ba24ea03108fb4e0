import { spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { ServiceFailure } from "./failure.ts";
import { feed, minimalEnvironment } from "./process.ts";

/**
 * Runs a command for the person at our terminal, on a new terminal of its own that `script` makes and copies to
 * and from ours. Ctrl-C goes to the command, not to us. There is no deadline: the person decides.
 *
 * @param extraInput what the command can read, to its end, from its file descriptor 4; what it writes to 3 is dropped.
 * @returns the command's exit code; 128 + n when signal n ended it.
 * @throws ServiceFailure when `script` is missing.
 */
export function runInTerminal(command: readonly string[], extraInput: Buffer): Promise<number> {
  const line = `exec ${command.map(shellQuoted).join(" ")} 3>/dev/null`;
  const script = ["--quiet", "--return", "--echo", "auto", "--command", line, "/dev/null"];
  const env = { ...minimalEnvironment, SHELL: "/bin/sh" };
  return new Promise((resolve, reject) => {
    const child = spawn("script", script, { stdio: ["inherit", "inherit", "inherit", "ignore", "pipe"], env });
    feed(child.stdio[4] as Writable, extraInput);
    child.once("error", (cause) => reject(scriptMissing(cause)));
    child.once("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/** A word for sh that means exactly itself, whatever is in it. */
export function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function scriptMissing(cause: Error): ServiceFailure {
  return new ServiceFailure(`script, which makes the terminal for gdb, could not be started: ${cause.message}`, {
    cause,
    remedy: "Install it: apt-get install bsdutils",
  });
}
