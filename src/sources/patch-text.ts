/** A piece of a patch: from about this line on, `before` becomes `after`. */
export type Hunk = { readonly line: number; readonly before: readonly string[]; readonly after: readonly string[] };

/** What a patch does to one file. */
export type FilePatch = {
  /** In the tree: the first folder of the patch's own name is left out, as `patch -p1` does. */
  readonly path: string;
  readonly creates: boolean;
  readonly hunks: readonly Hunk[];
};

/** Reads a unified diff of any number of files; what stands between them (mail headers, git's lines) is passed over. */
export function parsePatch(text: string): readonly FilePatch[] {
  const lines = text.split("\n");
  const patches: { path: string; creates: boolean; hunks: Hunk[] }[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const next = lines[at + 1] ?? "";
    if (line.startsWith("--- ") && next.startsWith("+++ ")) {
      const path = patchedPath(line.slice(4), next.slice(4));
      patches.push({ path, creates: nameIn(line.slice(4)) === "/dev/null", hunks: [] });
      at += 1;
    } else if (line.startsWith("@@ ") && patches.length > 0) {
      const read = readHunk(lines, at);
      if (read === null) continue;
      patches.at(-1)?.hunks.push(read.hunk);
      at = read.end - 1;
    }
  }
  return patches.map((each) => ({ ...each, creates: each.creates || createsByHunk(each.hunks) }));
}

// A timestamp follows the name after a tab: `+++ foo-1.0/src/x.c\t2020-01-01 00:00:00`.
function nameIn(header: string): string {
  return header.split("\t", 1)[0]?.trimEnd() ?? "";
}

function patchedPath(before: string, after: string): string {
  const name = nameIn(after) === "/dev/null" ? nameIn(before) : nameIn(after);
  return name.replace(/^[^/]*\/+/, "");
}

function createsByHunk([first, ...others]: readonly Hunk[]): boolean {
  return first !== undefined && others.length === 0 && first.before.length === 0 && first.line === 0;
}

// `@@ -12,3 +12,4 @@ function`: the numbers say how many lines belong to it, which is what tells a line `--- x` that
// is removed from the next file's header.
function readHunk(lines: readonly string[], at: number): { readonly hunk: Hunk; readonly end: number } | null {
  const header = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@/.exec(lines[at] ?? "");
  if (header === null) return null;
  const [, line = "0", beforeCount = "1", afterCount = "1"] = header;
  const hunk = { line: Number(line), before: [] as string[], after: [] as string[] };
  const isWhole = (): boolean => hunk.before.length >= Number(beforeCount) && hunk.after.length >= Number(afterCount);
  let end = at + 1;
  for (; end < lines.length && !isWhole(); end += 1) {
    if (!takeLine(hunk, lines[end] ?? "")) return null;
  }
  return { hunk, end };
}

// Some editors take the blank off an empty line; `\ No newline at end of file` is about the line before it.
function takeLine(hunk: { before: string[]; after: string[] }, line: string): boolean {
  const mark = line === "" ? " " : line.charAt(0);
  if (mark === " " || mark === "-") hunk.before.push(line.slice(1));
  if (mark === " " || mark === "+") hunk.after.push(line.slice(1));
  return " -+\\".includes(mark);
}
