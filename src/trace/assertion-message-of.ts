/**
 * The AssertionMessage field from what gdb printed: what the program said before it called `abort()`. Null when
 * it said nothing.
 *
 * GLib's message comes first: `g_assert()` ends in `abort()` too, and glibc's variable is then stale.
 *
 * @param printed gdb's answers to `print (char*) __glib_assert_msg` and `print __abort_msg->msg`, such as
 *   `$1 = 0x7f8e "prog: main.c:3: main: Assertion `0' failed.\n"`; gdb writes a line break inside as `\n`.
 */
export function assertionMessageOf(printed: {
  readonly glib: string | null;
  readonly glibc: string | null;
}): string | null {
  const answer = printed.glib?.includes('"ERROR:') ? printed.glib : printed.glibc;
  const message = answer === null ? undefined : quotedPattern.exec(answer)?.[1];
  // A program without the variable: `No symbol "__abort_msg" in current context.`, or `$1 = 0x0`.
  if (message === undefined) return null;
  return message.endsWith(escapedLineBreak) ? message.slice(0, -escapedLineBreak.length) : message;
}

const escapedLineBreak = String.raw`\n`;

const quotedPattern = /^\s*\$\d+\s+=\s+0x[0-9a-fA-F]+\s+"(.*)"\s*$/s;
