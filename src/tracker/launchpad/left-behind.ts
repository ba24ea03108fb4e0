import type { CrashId, LeftBehind } from "../types.ts";
import { isOfOurs } from "./attachments.ts";
import { bugUrl, type Launchpad, recallAttachments } from "./bugs.ts";
import { markerIn } from "./comment.ts";
import { messageSchema } from "./entries.ts";

/** What our own edits have left on a bug. Anybody can write a comment that looks like ours: only our account's count. */
export async function readLeftBehind(launchpad: Launchpad, id: CrashId): Promise<LeftBehind> {
  const { client } = launchpad;
  const messages = (await client.list(`${bugUrl(launchpad, id)}/messages`, messageSchema)) ?? [];
  const attachments = (await recallAttachments(launchpad, id)) ?? [];
  const me = client.url("1.0", `~${encodeURIComponent(await client.whoAmI())}`);
  const ours = messages.filter(({ owner_link }) => owner_link === me);
  return { markers: ours.flatMap(({ content }) => markerIn(content) ?? []), isTraced: attachments.some(isOfOurs) };
}
