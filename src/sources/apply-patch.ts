import type { FilePatch, Hunk } from "./patch-text.ts";

// A patch of a real package fits at once or some lines off. One that was made to be looked for in vain, again and
// again, ends here.
const mostComparisons = 20_000_000;

/**
 * Applies what a patch does to one file. As dpkg-source does it: all of its lines have to be there, if need be
 * further up or down (no fuzz).
 *
 * @returns null when it does not fit.
 */
export function applyPatch(lines: readonly string[], { hunks }: FilePatch): readonly string[] | null {
  const budget = { left: mostComparisons };
  const result: string[] = [];
  let taken = 0;
  let shift = 0;
  for (const hunk of hunks) {
    // Of a hunk that only adds, the number is that of the line before it.
    const expected = hunk.line - (hunk.before.length === 0 ? 0 : 1) + shift;
    const found = placeOf(hunk, lines, taken, expected, budget);
    if (found === null) return null;
    shift += found - expected;
    for (; taken < found; taken += 1) result.push(lines[taken] ?? "");
    for (const line of hunk.after) result.push(line);
    taken = found + hunk.before.length;
  }
  for (; taken < lines.length; taken += 1) result.push(lines[taken] ?? "");
  return result;
}

function placeOf(
  { before }: Hunk,
  lines: readonly string[],
  from: number,
  expected: number,
  budget: { left: number },
): number | null {
  const last = lines.length - before.length;
  for (const at of outwards(Math.min(Math.max(expected, from), Math.max(last, from)), from, last)) {
    if (budget.left <= 0) return null;
    if (isAt(before, lines, at, budget)) return at;
  }
  return null;
}

function* outwards(start: number, first: number, last: number): Generator<number> {
  for (let off = 0; start - off >= first || start + off <= last; off += 1) {
    if (start - off >= first && start - off <= last) yield start - off;
    if (off > 0 && start + off <= last) yield start + off;
  }
}

function isAt(before: readonly string[], lines: readonly string[], at: number, budget: { left: number }): boolean {
  budget.left -= 1;
  for (const [index, line] of before.entries()) {
    budget.left -= 1;
    if (lines[at + index] !== line) return false;
  }
  return true;
}
