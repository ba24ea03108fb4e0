import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { acquireLock, inspectLock, releaseLock, unlock } from "../../../../src/digger/lock.ts";
import { formatLock, type LockContent, parseLock, runningLock } from "../../../../src/digger/lock-file.ts";
import { systemClock } from "../../../../src/system/clock.ts";
import { ownIdentity } from "../../../../src/system/process-identity.ts";
import { ensure, type MutatedReader } from "../reader.ts";

/** Lock files, ours and Apport's: whatever is in one, it is a lock until somebody takes it away. */
export async function lockReader(folder: string): Promise<MutatedReader> {
  const place = join(folder, "lock");
  await mkdir(place, { recursive: true });
  const path = join(place, "batch.lock");
  const identity = ownIdentity();
  const options = { path, identity, clock: systemClock };
  const running = runningLock(identity, new Date(0));
  const isOwn = ({ pid, bootId, startTicks }: LockContent): boolean =>
    pid === identity.pid && bootId === identity.bootId && startTicks === identity.startTicks;
  return {
    samples: [
      formatLock(running),
      formatLock({ ...running, reason: 'apt-get "failed":\nE: x' }),
      "4242\n",
      "",
      "1\nreason: by hand\n",
    ].map((text) => Buffer.from(text)),
    read: async (bytes) => {
      parseLock(bytes.toString("utf8"));
      await writeFile(path, bytes);
      const state = inspectLock(options);
      ensure(state.kind !== "free", "a lock that is there is never taken for none");
      const acquired = acquireLock(options);
      ensure(
        acquired.kind === "held" || (state.kind === "rebooted" && acquired.tookOver),
        "only a reboot's lock is taken over",
      );
      const before = unlock(options);
      ensure(
        (inspectLock(options).kind === "free") === (before.kind !== "live"),
        "unlock takes away all but a living batch's lock",
      );
      releaseLock(options);
      const after = inspectLock(options);
      ensure(after.kind === "free" || !isOwn(after.content), "a released lock is gone, and it alone");
      await rm(path, { force: true });
    },
  };
}
