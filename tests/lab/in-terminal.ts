import { minimalEnvironment, run } from "../../src/system/process.ts";
import { shellQuoted } from "../../src/system/terminal.ts";
import { launcher } from "./command.ts";

export type Screen = { readonly exitCode: number | null; readonly text: string };

/**
 * Runs `crash-digger` on a real terminal of 100 columns, which `script` makes, and types text into it.
 *
 * @returns all that appeared on the terminal, escape sequences and all, with `\n` line ends.
 */
export async function inTerminal(
  args: readonly string[],
  typed = "",
  env: Readonly<Record<string, string>> = {},
): Promise<Screen> {
  const line = `stty cols 100; exec ${[launcher, ...args].map(shellQuoted).join(" ")}`;
  const result = await run(["script", "--quiet", "--return", "--command", line, "/dev/null"], {
    deadlineMs: 100_000,
    env: { ...minimalEnvironment, TZ: "UTC", TERM: "xterm", SHELL: "/bin/sh", ...env },
    stdin: typed,
  });
  return { exitCode: result.exitCode, text: result.stdout.toString("utf8").replaceAll("\r\n", "\n") };
}
