import { z } from "zod";
import { printableLine } from "./printable.ts";
import type { RawFrame, RawThread } from "./types.ts";

// The same bounds as in frames.py, with room for the `...` of a cut. The script runs where a hostile core may have
// taken over gdb, so nothing that it says is believed before it has passed here.
const longestName = 2_010;
const longestValue = 1_010;
const mostVariables = 100;
const mostFrames = 2_000;
const mostThreads = 1_000;
const longestLine = 1024 * 1024;

const printableOnly = /^[^\x00-\x1f\x7f-\x9f]*$/;
const name = z.string().max(longestName).transform(printableLine);
const value = z.string().max(longestValue).transform(printableLine);
const variables = z
  .array(z.tuple([name, value]).transform(([variable, text]) => ({ name: variable, value: text })))
  .max(mostVariables);

const record = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("thread"), tid: z.int().nonnegative(), crashed: z.boolean() }),
  z.object({
    kind: z.literal("frame"),
    index: z.int().nonnegative().max(mostFrames),
    pc: z.string().regex(/^0x[0-9a-f]{1,16}$/),
    function: name.nullable(),
    file: name.nullable(),
    line: z.int().positive().nullable(),
    // A path that was changed to be printable would lead to another file.
    fullName: z.string().max(longestName).regex(printableOnly).nullable().catch(null).default(null),
    inlined: z.boolean(),
    signalHandler: z.boolean(),
    arguments: variables,
    locals: variables,
  }),
  z.object({ kind: z.literal("note"), text: name }),
  z.object({ kind: z.literal("end"), truncated: z.boolean() }),
]);

type FrameRecord = Extract<z.output<typeof record>, { kind: "frame" }>;
type OpenThread = { tid: number; crashed: boolean; frames: RawFrame[]; truncated: boolean };

/**
 * The threads in the output of frames.py, the crashed one first. Lines of any other form are left out: gdb
 * prints messages of its own in between.
 */
export function parseThreads(text: string): readonly RawThread[] {
  const threads: OpenThread[] = [];
  for (const line of text.split("\n")) {
    const said = parseLine(line);
    if (said === null) continue;
    if (said.kind === "thread") {
      if (threads.length >= mostThreads) break;
      // A thread whose `end` never comes was cut off with gdb itself, so truncated until told otherwise.
      threads.push({ tid: said.tid, crashed: said.crashed, frames: [], truncated: true });
    }
    addTo(threads.at(-1), said);
  }
  return threads;
}

function parseLine(line: string): z.output<typeof record> | null {
  if (!line.startsWith("{") || line.length > longestLine) return null;
  try {
    return record.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    // A line that was cut off in the middle when gdb was killed.
    return null;
  }
}

function addTo(thread: OpenThread | undefined, said: z.output<typeof record>): void {
  if (thread === undefined) return;
  if (said.kind === "frame" && thread.frames.length < mostFrames) thread.frames.push(rawFrame(said));
  if (said.kind === "end") thread.truncated = said.truncated;
}

function rawFrame(said: FrameRecord): RawFrame {
  const { kind: _kind, signalHandler, ...frame } = said;
  if (signalHandler) return { ...frame, function: "<signal handler called>", status: "signal-handler" };
  if (frame.function === null) return { ...frame, status: "unknown" };
  return { ...frame, status: frame.line === null ? "symbol-only" : "symbolized" };
}
