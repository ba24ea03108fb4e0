import { parse } from "smol-toml";

/**
 * The line (from 1) on which a key is set in a TOML text, or that of the nearest table above it; null when
 * neither is written out. smol-toml tells positions of syntax errors only, so the keys are looked up here.
 */
export function lineOfKey(text: string, path: readonly PropertyKey[]): number | null {
  const wanted = path.map(String);
  let table: readonly string[] = [];
  let best: { line: number; depth: number } | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const header = /^\s*\[/.test(line);
    const here = header ? keyPath(line) : keyPath(`${keyPart(line)}= 0`);
    if (here === null) continue;
    if (header) table = here;
    const full = header ? here : [...table, ...here];
    const isPrefix = full.length <= wanted.length && full.every((key, depth) => key === wanted[depth]);
    if (isPrefix && full.length > (best?.depth ?? 0)) best = { line: index + 1, depth: full.length };
  }
  return best?.line ?? null;
}

/** The keys that one line of TOML opens or sets, outermost first; null when it is no such line. */
function keyPath(line: string): readonly string[] | null {
  try {
    const keys: string[] = [];
    let value: unknown = parse(line);
    while (typeof value === "object" && value !== null) {
      const [key] = Object.keys(value);
      if (key === undefined) break;
      keys.push(key);
      value = (value as Record<string, unknown>)[key];
    }
    return keys.length === 0 ? null : keys;
  } catch {
    // A line out of a multi-line value is no key line; smol-toml refuses it, and that is the answer.
    return null;
  }
}

/** What stands before the first `=` that is not inside quotes. */
function keyPart(line: string): string {
  return /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'=])*/.exec(line)?.[0] ?? "";
}
