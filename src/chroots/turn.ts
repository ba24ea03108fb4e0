import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, ServiceFailure } from "../system/failure.ts";
import { holdMutex, isMutexBusy } from "../system/file-mutex.ts";
import { pause } from "../system/pause.ts";

const pauseMs = 200;

/**
 * Waits until nobody else changes a chroot, in this process or another, and keeps it so until disposed of.
 *
 * @param waitMs how long somebody else may take.
 * @throws ServiceFailure when it took longer, or the folder cannot be written
 */
export async function takeTurn(chroot: string, waitMs: number, signal: AbortSignal): Promise<Disposable> {
  const startedAt = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const guard = await tryTurn(chroot);
    if (guard !== null) return guard;
    if (performance.now() - startedAt > waitMs) {
      throw new ServiceFailure(`another process has been at work on the chroot ${chroot} for too long`, {
        remedy: "See which one (fuser on its file `turn`), and whether an upgrade hangs in it.",
      });
    }
    await pause(pauseMs, signal);
  }
}

async function tryTurn(chroot: string): Promise<Disposable | null> {
  try {
    // Nobody else gets in: a system has programs that run as root for whoever starts them, and they are old, or a stranger's.
    await mkdir(chroot, { recursive: true, mode: 0o700 });
    return holdMutex(join(chroot, "turn"), 0);
  } catch (cause) {
    if (isMutexBusy(cause)) return null;
    throw new ServiceFailure(`the chroot ${chroot} cannot be changed: ${messageOf(cause)}`, {
      cause,
      remedy: "Make room on its disk and let this user write there.",
    });
  }
}
