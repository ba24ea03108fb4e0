import type { Clock } from "../../system/clock.ts";
import type { Log } from "../../system/log.ts";
import { tagOfMark } from "../marks.ts";
import type { CrashId, Tracker } from "../types.ts";
import { applyEdit } from "./apply-edit.ts";
import { isCore } from "./attachments.ts";
import { BugMemory } from "./bug-memory.ts";
import { type Launchpad, recallAttachments } from "./bugs.ts";
import type { LaunchpadClient } from "./client/types.ts";
import { decodedCore } from "./core-stream.ts";
import type { EarlierMasters } from "./earlier-masters.ts";
import { readHeader, readLaterFields } from "./header.ts";
import { readLeftBehind } from "./left-behind.ts";
import { recallMaster } from "./masters.ts";
import { statusOfBug } from "./status.ts";
import type { Target } from "./target.ts";
import { whyDropped } from "./why-dropped.ts";
import { bugsChangedSince, bugsTagged } from "./work-list.ts";

export type LaunchpadSettings = {
  readonly client: LaunchpadClient;
  readonly target: Target;
  /** The largest core that is fetched, compressed. */
  readonly maxCoreBytes: number;
  readonly earlier: EarlierMasters;
  readonly clock: Clock;
  readonly log: Log;
};

/** Launchpad as a tracker: bugs of a distribution or a project are crashes, their attachments the long fields. */
export function launchpadTracker(settings: LaunchpadSettings): Tracker {
  const { client, target, maxCoreBytes, earlier, clock, log } = settings;
  const launchpad: Launchpad = { client, target, log, earlier, memory: new BugMemory(clock) };
  return {
    name: "launchpad",
    pending: (architecture) => bugsTagged(launchpad, tagOfMark({ kind: "retrace", architecture })),
    dupcheckOnly: () => bugsTagged(launchpad, tagOfMark({ kind: "duplicate-check" })),
    changedSince: (since) => bugsChangedSince(launchpad, since),
    header: async (id) => {
      const header = await readHeader(launchpad, id);
      return header === null ? { kind: "absent" } : { kind: "header", header };
    },
    laterFields: (id) => readLaterFields(launchpad, id),
    openCore: async (id) => {
      const core = (await recallAttachments(launchpad, id))?.findLast(isCore);
      const download = core === undefined ? null : await client.download(core.data_link, maxCoreBytes);
      return download === null ? null : decodedCore(download.body);
    },
    statusOf: async (ids) => {
      const statuses = new Map<CrashId, Awaited<ReturnType<typeof statusOfBug>>>();
      for (const id of new Set(ids)) statuses.set(id, await statusOfBug(launchpad, id));
      return statuses;
    },
    tagsOf: async (id) => (await recallMaster(launchpad, id))?.tags ?? [],
    leftBehind: (id) => readLeftBehind(launchpad, id),
    whyDropped: (edit) => whyDropped(edit, target),
    apply: (id, edit, memory = { maybeDone: true }) => applyEdit(launchpad, id, edit, memory),
  };
}
