import type { Call } from "./call.ts";
import { writer } from "./oauth.ts";
import { type Bug, type Message, nextNumber, type World } from "./state.ts";

/** Notes a change in the bug's activity, unless nothing changed. */
export function record(call: Call, bug: Bug, what: string, before: string | null, after: string | null): void {
  if (before === after) return;
  bug.updated = call.world.now();
  bug.activity.push({ what, person: writer(call.caller), old: before, new: after, date: bug.updated });
}

/** Adds a comment. */
export function addMessage(
  world: World,
  bug: Bug,
  message: { readonly owner: string; readonly subject: string; readonly content: string },
): Message {
  const added = { ...message, number: bug.messages.length, created: world.now() };
  bug.messages.push(added);
  bug.updated = added.created;
  return added;
}

export type NewAttachment = Omit<Bug["attachments"][number], "id" | "message">;

/** Adds an attachment and the comment that goes with it. */
export function addAttachment(
  world: World,
  bug: Bug,
  attachment: NewAttachment,
  comment: { readonly owner: string; readonly content: string },
): Bug["attachments"][number] {
  const message = addMessage(world, bug, { ...comment, subject: `Re: ${bug.title}` });
  const added = { ...attachment, id: nextNumber(world), message: message.number };
  bug.attachments.push(added);
  return added;
}
