import { basename } from "node:path";
import { styleText } from "node:util";
import { printable } from "../printable.ts";
import { renderTable } from "../table.ts";
import type { ShownFrame, ShownModule, ShownThread } from "./trace-attachments.ts";

// A runaway recursion has thousands of frames; the whole text is in the Stacktrace field.
const maxFrames = 64;

/** The frames of the thread that crashed, one a line, and how many other threads there are. */
export function renderThreads(threads: readonly ShownThread[]): string {
  const crashed = threads.find((thread) => thread.crashed) ?? threads[0];
  if (crashed === undefined) return "";
  const left = crashed.frames.length - maxFrames;
  const rest = left > 0 ? [`… and ${left} more frames`] : crashed.truncated ? ["… and more frames than were kept"] : [];
  const others = threads.length - 1;
  const shown = crashed.frames.slice(0, maxFrames);
  const lines = [...shown.flatMap((frame) => [frameLine(frame), ...sourceLines(frame)]), ...rest];
  if (others > 0) lines.push(`(${others} other ${others === 1 ? "thread" : "threads"}: --field ThreadStacktrace)`);
  return [...lines, ...sourceRemarks(shown)].map((line) => `${line}\n`).join("");
}

function frameLine(frame: ShownFrame): string {
  const number = `#${frame.index}`.padEnd(4);
  const name = styleText("bold", printable(frame.function ?? "??"));
  const args = frame.arguments.map(({ name, value }) => printable(`${name}=${value}`)).join(", ");
  const inlined = frame.inlined ? " (inlined)" : "";
  return `${number}${name} (${cut(args, 160)})${inlined}${printable(placeOf(frame))}`;
}

// Two lines before and after the frame's own; StacktraceSource has more.
const linesAround = 2;

function sourceLines({ line, source }: ShownFrame): readonly string[] {
  if (source?.kind !== "lines" || line === null) return [];
  return source.lines.flatMap((text, index) => {
    const number = source.firstLine + index;
    if (Math.abs(number - line) > linesAround) return [];
    const mark = number === line ? ">" : " ";
    return [`      ${mark} ${String(number).padStart(5)}  ${printable(text)}`.trimEnd()];
  });
}

function sourceRemarks(frames: readonly ShownFrame[]): readonly string[] {
  const without = frames.flatMap(({ index, source }) => (source?.kind === "none" ? [{ index, ...source }] : []));
  return [...Map.groupBy(without, ({ reason }) => reason)].map(([reason, own]) => {
    return `(no source for ${own.map(({ index }) => `#${index}`).join(" ")}: ${printable(reason)})`;
  });
}

function placeOf({ file, line, module }: ShownFrame): string {
  if (file !== null) return line === null ? ` at ${file}` : ` at ${file}:${line}`;
  return module === null ? "" : ` from ${basename(module)}`;
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

/** The fidelity table: how far the files of each module are known, and why not further. */
export function renderModules(modules: readonly ShownModule[]): string {
  const columns = [
    { heading: "MODULE", maxWidth: 60 },
    { heading: "STATUS" },
    { heading: "BUILD-ID", maxWidth: 12 },
    { heading: "WHY", maxWidth: 100 },
  ];
  return renderTable(
    columns,
    modules.map(({ path, status, buildId, reason }) => [
      printable(path),
      status,
      printable(buildId ?? "none"),
      printable(reason),
    ]),
  );
}
