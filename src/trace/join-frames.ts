import type { Frame, ThreadTrace } from "./types.ts";

/** A frame that does not know yet in which module it lies. */
export type UnplacedFrame = Omit<Frame, "module" | "buildId" | "moduleOffset">;

export type UnplacedThread = Omit<ThreadTrace, "frames"> & { readonly frames: readonly UnplacedFrame[] };

/** A file in the crashed process's memory: from `start` up to, but not including, `end`. */
export type ModuleRange = {
  readonly path: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly buildId: string | null;
};

/**
 * The threads with each frame's module, build-id and offset in the module.
 *
 * An inlined frame without an address of its own gets module and build-id of the frame it was inlined into. A frame
 * outside every module (code made at run time, a stack that was overwritten) keeps nulls.
 */
export function joinFrames(
  threads: readonly UnplacedThread[],
  modules: readonly ModuleRange[],
): readonly ThreadTrace[] {
  const moduleAt = moduleFinder(modules);
  return threads.map((thread) => ({ ...thread, frames: placeFrames(thread.frames, moduleAt) }));
}

function placeFrames(frames: readonly UnplacedFrame[], moduleAt: FindModule): readonly Frame[] {
  const placed: Frame[] = [];
  let around: ModuleRange | null = null;
  for (const frame of frames.toReversed()) {
    const pc = addressOf(frame.pc);
    if (pc !== null || !frame.inlined) around = pc === null ? null : moduleAt(pc);
    placed.push({
      ...frame,
      module: around?.path ?? null,
      buildId: around?.buildId ?? null,
      moduleOffset: around === null || pc === null ? null : `0x${(pc - around.start).toString(16)}`,
    });
  }
  return placed.reverse();
}

function addressOf(pc: string | null): bigint | null {
  return pc !== null && /^0x[0-9a-fA-F]{1,16}$/.test(pc) ? BigInt(pc) : null;
}

type FindModule = (pc: bigint) => ModuleRange | null;

// A stack of 2000 frames in each of a thousand threads has few distinct addresses, so each is looked up once. A file
// that is mapped in two far places spans what lies between; the module that begins last is the one meant.
function moduleFinder(modules: readonly ModuleRange[]): FindModule {
  const lastFirst = modules.toSorted((a, b) => (a.start < b.start ? 1 : a.start > b.start ? -1 : 0));
  const known = new Map<bigint, ModuleRange | null>();
  return (pc) => {
    const remembered = known.get(pc);
    if (remembered !== undefined) return remembered;
    const found = lastFirst.find((module) => module.start <= pc && pc < module.end) ?? null;
    known.set(pc, found);
    return found;
  };
}
