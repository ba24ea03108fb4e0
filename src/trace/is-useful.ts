import { linesOf } from "./text.ts";

/**
 * Whether a StacktraceTop says enough to be worth a look: not empty, and at most half of its lines without a
 * name (`??`); with fewer than three lines, none without a name.
 */
export function isUseful(stacktraceTop: string): boolean {
  let lines = 0;
  let unnamed = 0;
  for (const line of linesOf(stacktraceTop)) {
    lines += 1;
    if (line.startsWith("??")) unnamed += 1;
  }
  if (lines === 0) return false;
  return lines < 3 ? unnamed === 0 : unnamed * 2 <= lines;
}
