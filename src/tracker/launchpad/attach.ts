import type { CrashId, Edit, EditMemory } from "../types.ts";
import { readAttachment } from "./attached-fields.ts";
import { titleOfOurs } from "./attachments.ts";
import { bugUrl, type Launchpad, readAttachments, recallAttachments } from "./bugs.ts";
import type { AttachmentEntry } from "./entries.ts";
import { absent, already, type Outcome, outcomeOf } from "./outcome.ts";
import { removeEach } from "./remove-attachments.ts";

type AttachEdit = Pick<Extract<Edit, { kind: "attach" }>, "name" | "text">;

/**
 * Attaches a text in the place of the one that an earlier retrace attached. The reporter's own of that name stays
 * beside it, as with Apport's retracer.
 */
export async function attach(
  launchpad: Launchpad,
  id: CrashId,
  { name, text }: AttachEdit,
  { maybeDone }: EditMemory,
): Promise<Outcome> {
  const known = await (maybeDone ? readAttachments(launchpad, id) : recallAttachments(launchpad, id));
  if (known === null) return absent;
  const before = known.filter(isOurs(name));
  if (maybeDone && (await isLatest(launchpad, before, text))) {
    await removeEach(launchpad, id, before.slice(0, -1));
    return already;
  }
  const outcome = await upload(launchpad, id, { name, text });
  const isThere = outcome.kind === "done" || outcome.kind === "already";
  if (isThere && before.length > 0) await removeAllButLatest(launchpad, id, name);
  return outcome;
}

async function removeAllButLatest(launchpad: Launchpad, id: CrashId, name: string): Promise<void> {
  const ours = (await recallAttachments(launchpad, id))?.filter(isOurs(name)) ?? [];
  await removeEach(launchpad, id, ours.slice(0, -1));
}

async function upload(launchpad: Launchpad, id: CrashId, { name, text }: AttachEdit): Promise<Outcome> {
  const { client, memory } = launchpad;
  const title = titleOfOurs(name);
  const file = { fileName: name, description: title, comment: name, content: { text } };
  // It is there when the latest of its name has this text, not merely when there is one of its name.
  const isThere = async (): Promise<boolean> => {
    const found = await readAttachments(launchpad, id);
    return await isLatest(launchpad, found?.filter(isOurs(name)) ?? [], text);
  };
  const posted = await client.upload(bugUrl(launchpad, id), file, isThere);
  if (posted.kind === "done") {
    const known = memory.recall(id, "attachments");
    const made = posted.location;
    if (known === undefined || made === null) memory.forgetPart(id, "attachments");
    else memory.note(id, { attachments: [...known, { self_link: made, title, data_link: `${made}/data` }] });
  }
  return outcomeOf(posted);
}

function isOurs(name: string): (attachment: AttachmentEntry) => boolean {
  return ({ title }) => title === titleOfOurs(name);
}

async function isLatest(launchpad: Launchpad, ours: readonly AttachmentEntry[], text: string): Promise<boolean> {
  const latest = ours.at(-1);
  if (latest === undefined) return false;
  const wanted = Buffer.from(text, "utf8");
  const found = await readAttachment(launchpad, latest, Math.max(wanted.length, 1));
  return typeof found !== "string" && found.equals(wanted);
}
