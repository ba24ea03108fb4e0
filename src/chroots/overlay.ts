import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { asideName } from "../symbols/cache/owner.ts";
import type { Log } from "../system/log.ts";
import { run, succeeded } from "../system/process.ts";
import { asRoot } from "./as-root.ts";
import { overlaysOf } from "./layout.ts";
import { overlayMount } from "./sandbox.ts";
import type { SystemView, UsedChroot } from "./types.ts";
import { copyTree, removeTree } from "./versions.ts";

/** A system to change at will: what is done in it goes with it. */
export type Overlay = AsyncDisposable & {
  readonly view: SystemView;
  /** The folder in which what was installed appears: the changed files, or all of them. */
  readonly changed: string;
  /** For notes about it; goes with it. */
  readonly folder: string;
};

export type OverlayOptions = { readonly deadlineMs: number; readonly signal: AbortSignal; readonly log: Log };

/**
 * Lays an empty layer over a system. Where no overlay can be mounted (the cache lies on an overlay itself, as in many
 * containers; an old kernel and an ordinary user), it is a copy: the same, but slower.
 *
 * @throws ServiceFailure when there is no room for it
 */
export async function openOverlay({ root, place }: UsedChroot, options: OverlayOptions): Promise<Overlay> {
  const folder = join(overlaysOf(place.folder), asideName());
  for (const name of ["upper", "work", "merged"]) await mkdir(join(folder, name), { recursive: true, mode: 0o755 });
  const close = (): Promise<void> => removeTree(folder);
  const layered = { kind: "overlay", lower: root, folder } as const;
  const refusal = await whyNotMounted(layered, options);
  if (refusal === null) return { view: layered, changed: join(folder, "upper"), folder, [Symbol.asyncDispose]: close };
  options.log.event("no overlay can be mounted here; the chroot is copied for each crash", { reason: refusal });
  const copy = join(folder, "copy");
  try {
    await copyTree(root, copy, options.deadlineMs, options.signal);
  } catch (error) {
    // Half a system may be what fills the disk.
    await close();
    throw error;
  }
  return { view: { kind: "folder", root: copy }, changed: copy, folder, [Symbol.asyncDispose]: close };
}

async function whyNotMounted(
  view: Extract<SystemView, { kind: "overlay" }>,
  { signal }: OverlayOptions,
): Promise<string | null> {
  const tried = await run([...asRoot(), ...overlayMount(view), "true"], { deadlineMs: 30_000, signal });
  signal.throwIfAborted();
  return succeeded(tried) ? null : tried.stderr.trim();
}
