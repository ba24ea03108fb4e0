import fc from "fast-check";
import { expect, test } from "vitest";
import { stacktraceTop } from "../../../src/trace/stacktrace-top.ts";

// The same rules said another way: not as a walk with a memory, but as sets of frames found by their positions.

const handler = "<signal handler called>";
const listed = ["g_logv", "g_log", "IA__g_log", "__GI_abort", "_XError", handler];
const xlib = ["_XReply", "_XIOError", "handle_response", "handle_error", "XWindowEvent"];
const variants = ["__strlen_sse2", "__memcpy_ssse3_back", "__kernel_vsyscall"];
const ordinary = ["main", "raise", "XSync", "a", "b", "__libc_start_main", "??"];

function topByPositions(names: readonly string[]): readonly string[] {
  const firstHandler = names.indexOf(handler);
  const runEnd = firstHandler < 0 ? names.length : endOfRun(names, firstHandler + 1);
  const lastReset = names.slice(0, runEnd).findLastIndex((name) => listed.includes(name));
  const start = lastReset >= 0 && names[lastReset] === "_XError" ? endOfXlib(names, lastReset + 1) : lastReset + 1;
  return names
    .slice(start)
    .filter((name) => !variants.includes(name))
    .slice(0, 5);
}

// Where the run of reset frames, and of Xlib frames below an _XError among them, ends.
function endOfRun(names: readonly string[], from: number): number {
  const name = names[from];
  if (name === undefined || !listed.includes(name)) return from;
  return endOfRun(names, name === "_XError" ? endOfXlib(names, from + 1) : from + 1);
}

function endOfXlib(names: readonly string[], from: number): number {
  const length = names.slice(from).findIndex((name) => !(xlib.includes(name) || name === "_XError"));
  return length < 0 ? names.length : from + length;
}

test("the walk collects what the positions tell", () => {
  const name = fc.oneof(...[listed, xlib, variants, ordinary].map((names) => fc.constantFrom(...names)));
  fc.assert(
    fc.property(fc.array(name, { maxLength: 25 }), (names) => {
      const trace = names
        .map((each, index) => `#${index}  ${each === handler ? each : `0x1 in ${each} ()`}`)
        .join("\n");
      const expected = topByPositions(names).map((each) => (each === handler ? each : `${each} ()`));
      expect(stacktraceTop(trace)).toBe(expected.join("\n"));
    }),
    { numRuns: 5000 },
  );
});
