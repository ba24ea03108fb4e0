import { jailPaths, type Section } from "./gdb-command.ts";
import { printable } from "./printable.ts";

/** The raw text of each section that was begun, and whether gdb got as far as beginning the next. */
export type SessionText = ReadonlyMap<Section, { readonly text: string; readonly complete: boolean }>;

/**
 * Cuts the output of a session into its sections.
 *
 * @param marker the session's own, see `batchCommand`.
 */
export function splitSections(output: string, marker: string): SessionText {
  const [, ...parts] = output.split(`\n${marker} `);
  return new Map(
    parts.map((part, index) => {
      const lineEnd = part.indexOf("\n");
      const name = (lineEnd < 0 ? part : part.slice(0, lineEnd)) as Section;
      const text = lineEnd < 0 ? "" : part.slice(lineEnd + 1);
      return [name, { text, complete: index < parts.length - 1 }];
    }),
  );
}

/**
 * A section as a field of the report. Apport's form: an empty line becomes a line with a single dot, because an
 * empty line ends an entry for older readers of the format. Paths of libraries are those of the crashed machine.
 */
export function fieldText(text: string): string {
  return printable(text)
    .trimEnd()
    .split("\n")
    .map((line) => (line.trim() === "" ? "." : withoutSysroot(line)))
    .join("\n")
    .replace(/^\.$/, "");
}

// `#1 0x7f… in read () from /sysroot/usr/lib/…/libc.so.6`: the jail's name for the folder means nothing to anybody else.
function withoutSysroot(line: string): string {
  if (!line.startsWith("#")) return line;
  const prefix = ` from ${jailPaths.sysroot}/`;
  const at = line.lastIndexOf(prefix);
  return at < 0 ? line : `${line.slice(0, at)} from /${line.slice(at + prefix.length)}`;
}

/** The disassembly; where the program counter points nowhere, gdb says so on stderr and leaves a bare `=> 0x0:`. */
export function disassemblyText(text: string): string {
  return fieldText(text).replace(/^(=> (0x[0-9a-f]+)[^\n]*:)$/m, "$1\tCannot access memory at address $2");
}

/** The bytes that `ru_maxrss` (kibibytes, getrusage(2)) said; null for anything that is no such number. */
export function peakMemory(text: string): number | null {
  const kibibytes = /^\d{1,12}$/.exec(text.trim())?.[0];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

/** What a `print` showed, e.g. `$1 = 0x7f… "…"`; null when gdb had nothing to show, or a null pointer. */
export function printedValue(text: string): string | null {
  const field = fieldText(text);
  return /^\$\d+ = /.test(field) && !/^\$\d+ = 0x0$/.test(field) ? field : null;
}
