import { blank, isBlank, linesOf, strip } from "./text.ts";

/** A line of ProcMaps that the kernel would not write. */
export type BadMapsLine = {
  readonly kind: "bad-maps";
  /** Line number in ProcMaps, from 1. */
  readonly line: number;
  /** The line, cut at 200 characters. */
  readonly text: string;
};

/**
 * For each address the place in the first mapping that holds it, as `path+offset` in hex, `:` in the path
 * written as `..`; null where no mapping with a path holds it. `[heap]`, `[vdso]` and the like are paths too.
 *
 * @param maps the ProcMaps field (`/proc/PID/maps`, proc(5)), read once, a line at a time.
 */
export function placesInMaps(
  maps: string,
  addresses: readonly bigint[],
): { readonly kind: "places"; readonly places: readonly (string | null)[] } | BadMapsLine {
  const places: (string | null)[] = addresses.map(() => null);
  let lineNumber = 0;
  for (const line of linesOf(maps)) {
    lineNumber += 1;
    const mapping = parseLine(line);
    if (mapping === "bad") return { kind: "bad-maps", line: lineNumber, text: line.slice(0, 200) };
    if (mapping === "without path") continue;
    for (const [index, address] of addresses.entries()) places[index] ??= placeIn(mapping, address);
  }
  return { kind: "places", places };
}

type Mapping = { readonly start: bigint; readonly end: bigint; readonly path: string };

// The kernel means `end` as the first address after the mapping; the rule takes it for the last one in it.
function placeIn(mapping: Mapping, address: bigint): string | null {
  if (address < mapping.start || address > mapping.end) return null;
  return `${mapping.path.replaceAll(":", "..")}+${(address - mapping.start).toString(16)}`;
}

const rangePattern = /^([0-9a-fA-F]+)-([0-9a-fA-F]+)/;
const beginsBlank = new RegExp(`^[${blank}]`, "u");

function parseLine(line: string): Mapping | "without path" | "bad" {
  const range = rangePattern.exec(line);
  if (range === null) return strip(line) === "" ? "without path" : "bad";
  const [text, start = "", end = ""] = range;
  const path = pathAfter(line, text.length);
  if (path !== null) return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), path };
  return beginsBlank.test(line.slice(text.length)) ? "without path" : "bad";
}

// "7f7d96fa1000-7f7d96fa4000 r-xp 00001000 08:02 131          /opt/a b.so": a path may hold blanks, and the other
// fields are one blank apart, but the kernel pads them to a column of their own. So the path is what follows the
// last run of two or more blanks; blanks at the very end are the path's own. Read from the end, in one pass.
function pathAfter(line: string, from: number): string | null {
  for (let index = line.length - 1; index >= from + 2; index -= 1) {
    if (!isBlank(line, index) && isBlank(line, index - 1) && isBlank(line, index - 2)) return line.slice(index);
  }
  return null;
}
