import type { Frame } from "../trace/types.ts";

/**
 * Apport's field StacktraceSource: the frames with the lines of source around each, its own line marked. Null when no
 * frame has any.
 */
export function stacktraceSource(frames: readonly Frame[]): string | null {
  if (!frames.some(({ source }) => source?.kind === "lines")) return null;
  return frames.flatMap((frame) => [headline(frame), ...sourceLines(frame)]).join("\n");
}

function headline({ index, function: name, file, line, source }: Frame): string {
  const number = `#${index}`.padEnd(3);
  const place = file === null ? "" : line === null ? ` at ${file}` : ` at ${file}:${line}`;
  const from = source?.kind === "lines" ? ` [${source.package}]` : "";
  return `${number} ${name ?? "??"}${place}${from}`;
}

function sourceLines({ line, source }: Frame): readonly string[] {
  if (source === undefined) return [];
  if (source.kind === "none") return [`  [no source: ${source.reason}]`];
  return source.lines.map((text, index) => {
    const number = source.firstLine + index;
    return `${number === line ? "  > " : "    "}${number}: ${text}`.trimEnd();
  });
}
