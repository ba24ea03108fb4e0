import { expect, test } from "vitest";
import { joinFrames, type ModuleRange, type UnplacedFrame } from "../../../src/trace/join-frames.ts";

function frame(pc: string | null, changes: Partial<UnplacedFrame> = {}): UnplacedFrame {
  const known = { index: 0, function: "f", file: "f.c", line: 3, inlined: false, arguments: [], locals: [] };
  return { ...known, status: "symbolized", pc, ...changes };
}

function module(path: string, start: bigint, end: bigint): ModuleRange {
  return { path, start, end, buildId: `id of ${path}` };
}

function placesOf(frames: readonly UnplacedFrame[], modules: readonly ModuleRange[]) {
  const [thread] = joinFrames([{ tid: 1, crashed: true, frames, truncated: false }], modules);
  return thread?.frames.map((each) => [each.module, each.buildId, each.moduleOffset]);
}

const program = module("/usr/bin/a", 0x1000n, 0x3000n);
const library = module("/lib/b.so", 0x7f0000000000n, 0x7f0000001000n);

test("each frame gets module, build-id and offset; the end of a module is outside it", () => {
  const frames = [frame("0x00007f0000000abc"), frame("0x1000"), frame("0x3000"), frame("0x2fff")];
  expect(placesOf(frames, [program, library])).toEqual([
    ["/lib/b.so", "id of /lib/b.so", "0xabc"],
    ["/usr/bin/a", "id of /usr/bin/a", "0x0"],
    [null, null, null],
    ["/usr/bin/a", "id of /usr/bin/a", "0x1fff"],
  ]);
});

test("threads, order and everything else of a frame stay", () => {
  const local = { name: "x", value: "1" };
  const frames = [frame("0x1001", { index: 0, locals: [local] }), frame("0x1002", { index: 1, status: "unknown" })];
  const threads = [
    { tid: 7, crashed: true, frames, truncated: true },
    { tid: 8, crashed: false, frames: [], truncated: false },
  ];
  expect(joinFrames(threads, [])).toEqual(
    threads.map((thread) => ({
      ...thread,
      frames: thread.frames.map((each) => ({ ...each, module: null, buildId: null, moduleOffset: null })),
    })),
  );
});

test("an inlined frame without an address lies where the frame lies that it was inlined into", () => {
  const inlined = frame(null, { inlined: true });
  expect(placesOf([inlined, inlined, frame("0x1004"), frame("0x9999"), inlined], [program])).toEqual([
    ["/usr/bin/a", "id of /usr/bin/a", null],
    ["/usr/bin/a", "id of /usr/bin/a", null],
    ["/usr/bin/a", "id of /usr/bin/a", "0x4"],
    [null, null, null],
    [null, null, null],
  ]);
});

test("a frame without an address that was not inlined lies nowhere", () => {
  expect(placesOf([frame(null), frame("0x1004")], [program])?.[0]).toEqual([null, null, null]);
});

test("an address that is not one lies nowhere", () => {
  for (const pc of ["", "0x", "1004", "0x1004 ", "-0x1", "0x10000000000000000"]) {
    expect(placesOf([frame(pc)], [module("/all", 0n, 1n << 80n)])).toEqual([[null, null, null]]);
  }
});

test("of two modules around an address the one that begins last is meant", () => {
  const inner = module("/lib/inner.so", 0x1800n, 0x2000n);
  for (const modules of [
    [program, inner],
    [inner, program],
  ]) {
    expect(placesOf([frame("0x1900"), frame("0x2100")], modules)?.map(([path]) => path)).toEqual([
      "/lib/inner.so",
      "/usr/bin/a",
    ]);
  }
});
