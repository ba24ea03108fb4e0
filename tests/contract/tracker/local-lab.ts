import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalTracker, openLocalTracker } from "../../../src/tracker/local/local-tracker.ts";
import { writeCrash } from "../../lab/tracker/crash-file.ts";
import type { TrackerLab } from "./tracker-lab.ts";

/** A local tracker in a folder of its own. */
export async function makeLocalLab(): Promise<TrackerLab> {
  const folder = await mkdtemp(join(tmpdir(), "local-tracker-"));
  const open = (): Promise<LocalTracker> => openLocalTracker(join(folder, "tracker"));
  const opened = [await open()];
  const tracker = opened[0] as LocalTracker;
  return {
    tracker,
    absentId: 4711,
    seed: async ({ fields, core }) => {
      const binaries: Record<string, Buffer> = core === undefined ? {} : { CoreDump: core };
      const path = writeCrash(folder, "seed.crash", { fields, binaries });
      const result = await tracker.submit(path, { hostArchitecture: "amd64" });
      if (result.kind === "refused") throw new Error(result.fault.message);
      return result.id;
    },
    comments: async (id) => (await tracker.show(id))?.comments.map((comment) => comment.body) ?? [],
    attachmentText: async (id, name) => (await tracker.show(id))?.attachmentTexts.get(name) ?? null,
    setStatus: async (id, status) => void (await tracker.apply(id, { kind: "set-status", status })),
    again: async () => {
      const second = await open();
      opened.push(second);
      return second;
    },
    close: async () => {
      for (const each of opened) await each.close();
      await rm(folder, { recursive: true });
    },
  };
}
