import type { CrashId, Edit, EditMemory } from "../types.ts";
import { bugUrl, type Launchpad } from "./bugs.ts";
import { messageSchema } from "./entries.ts";
import { absent, already, type Outcome, outcomeOf } from "./outcome.ts";

type CommentEdit = Extract<Edit, { kind: "comment" }>;

/**
 * Adds a comment, once. Launchpad keeps nothing with a message but its text, so the marker is its last line; whoever
 * was killed after sending finds it there.
 */
export async function addComment(
  launchpad: Launchpad,
  id: CrashId,
  { marker, subject, body }: CommentEdit,
  { maybeDone }: EditMemory,
): Promise<Outcome> {
  const url = bugUrl(launchpad, id);
  const lastLine = markerLine(marker);
  if (maybeDone) {
    const isThere = await hasComment(launchpad, id, lastLine);
    if (isThere !== false) return isThere === null ? absent : already;
  }
  const args = { subject, content: `${body.trimEnd()}\n\n${lastLine}` };
  const isThere = async (): Promise<boolean> => (await hasComment(launchpad, id, lastLine)) === true;
  return outcomeOf(await launchpad.client.post(url, "newMessage", args, isThere));
}

/** The last line of a comment, by which it is known again: `[crash-digger:duplicate:5:3]`. */
export function markerLine(marker: string): string {
  return `[${marker}]`;
}

/** The marker at the end of a comment; null when there is none. */
export function markerIn(content: string): string | null {
  return /\n\[([^\]\n]{1,200})\]$/.exec(content.trimEnd())?.[1] ?? null;
}

/** Null: the bug is gone. */
async function hasComment(launchpad: Launchpad, id: CrashId, lastLine: string): Promise<boolean | null> {
  const messages = await launchpad.client.list(`${bugUrl(launchpad, id)}/messages`, messageSchema);
  return messages?.some(({ content }) => content.trimEnd().endsWith(`\n${lastLine}`)) ?? null;
}
