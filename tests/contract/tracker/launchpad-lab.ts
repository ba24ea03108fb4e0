import { readFileSync } from "node:fs";
import type { CrashId, CrashStatus } from "../../../src/tracker/types.ts";
import { type LaunchpadLab, startLaunchpad } from "../../lab/launchpad/start-launchpad.ts";
import type { Attachment } from "../../lab/launchpad/state.ts";
import { crashAsBug } from "../../lab/tracker/crash-as-bug.ts";
import { trackerOn } from "../../lab/tracker/launchpad-client.ts";
import type { TrackerLab } from "./tracker-lab.ts";

/** Ubuntu on a loopback Launchpad of its own; each crash is a bug on the distribution as a whole. */
export async function makeLaunchpadLab(): Promise<TrackerLab> {
  const lab = await startLaunchpad();
  const { tracker, forget } = trackerOn(lab);
  return {
    tracker,
    absentId: 4711,
    seed: async ({ fields, core }) => lab.addBug(crashAsBug(fields, core)),
    // Each attachment comes with a comment, which may be empty.
    comments: async (id) => lab.bug(id).comments.flatMap(({ content }) => (content === "" ? [] : [content])),
    attachmentText: async (id, name) => attachmentText(lab, id, name),
    setStatus: async (id, status) => {
      setStatus(lab, id, status);
      forget();
    },
    again: async () => trackerOn(lab).tracker,
    close: () => lab.close(),
  };
}

function attachmentText(lab: LaunchpadLab, id: CrashId, name: string): string | null {
  let found: Attachment | undefined;
  lab.edit(id, (bug) => {
    found = bug.attachments.findLast(({ fileName }) => fileName === name);
  });
  if (found === undefined) return null;
  return ("bytes" in found.file ? found.file.bytes : readFileSync(found.file.path)).toString("utf8");
}

// Fixed in a version: fixed in one package, which the current series has in this version.
function setStatus(lab: LaunchpadLab, id: CrashId, status: CrashStatus): void {
  const words = { open: "New", fixed: "Fix Released", invalid: "Invalid" };
  const isVersioned = status.kind === "fixed" && status.version !== "";
  if (isVersioned) lab.publish({ series: "questing", source: "coreutils", version: status.version });
  lab.edit(id, ({ tasks: [task] }) => {
    if (task === undefined) throw new Error(`bug ${id} has no task`);
    task.status = words[status.kind];
    task.target = isVersioned ? "ubuntu/+source/coreutils" : "ubuntu";
  });
}
