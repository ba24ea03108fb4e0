import { z } from "zod";
import type { CrashId, EditMemory } from "../types.ts";
import { isCore, nameOf } from "./attachments.ts";
import { type Launchpad, readAttachments, recallAttachments } from "./bugs.ts";
import type { AttachmentEntry } from "./entries.ts";
import { absent, already, done, dropped, type Outcome } from "./outcome.ts";

/** Removes the attachments of these names, also those that an earlier retrace made. */
export async function removeAttachments(
  launchpad: Launchpad,
  id: CrashId,
  names: readonly string[],
  memory: EditMemory,
): Promise<Outcome> {
  return await removeMatching(launchpad, id, (attachment) => names.includes(nameOf(attachment)), memory);
}

export async function removeCore(launchpad: Launchpad, id: CrashId, memory: EditMemory): Promise<Outcome> {
  return await removeMatching(launchpad, id, isCore, memory);
}

async function removeMatching(
  launchpad: Launchpad,
  id: CrashId,
  matches: (attachment: AttachmentEntry) => boolean,
  { maybeDone }: EditMemory,
): Promise<Outcome> {
  const known = await (maybeDone ? readAttachments(launchpad, id) : recallAttachments(launchpad, id));
  return known === null ? absent : await removeEach(launchpad, id, known.filter(matches));
}

/** Removes attachments one by one; one that is gone meanwhile is all right. */
export async function removeEach(
  { client, memory }: Launchpad,
  id: CrashId,
  attachments: readonly AttachmentEntry[],
): Promise<Outcome> {
  const refusals: string[] = [];
  for (const { self_link: url, title } of attachments) {
    const isGone = async (): Promise<boolean> => (await client.get(url, z.object({}))) === null;
    const posted = await client.post(url, "removeFromBug", {}, isGone);
    if (posted.kind === "refused") {
      refusals.push(`${title}: ${posted.reason}`);
      continue;
    }
    const known = memory.recall(id, "attachments");
    if (known !== undefined) memory.note(id, { attachments: known.filter((each) => each.self_link !== url) });
  }
  if (refusals.length > 0) return dropped(`Launchpad would not remove ${refusals.join("; ")}`);
  return attachments.length > 0 ? done : already;
}
