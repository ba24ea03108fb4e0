import type { BugSnapshot } from "./dump.ts";

/** A bug as far as two retracers have to agree on it. */
export type ComparableBug = Omit<BugSnapshot, "comments" | "attachments"> & {
  readonly attachments: readonly string[];
  readonly comments: readonly string[];
};

/**
 * What is left out, and why:
 * - of comments their words: ours are our own, and a team may write others. What stays is who made them, how many there
 *   are, and which bugs they name;
 * - the order of comments: here a bug becomes a duplicate before it is told so, and gets its trace before it is called a
 *   regression (decision 25);
 * - older attachments of a retrace where there is a younger one of the same title: here they are replaced.
 */
export function comparable(bug: BugSnapshot): ComparableBug {
  return {
    ...bug,
    attachments: [...new Map(bug.attachments.map((each) => [each.title, each])).values()].map(
      ({ title, fileName, sha256 }) => `${title}: ${fileName}, ${sha256}`,
    ),
    comments: bug.comments.map(({ owner, content }) => `${owner}: ${said(content)}`).sort(),
  };
}

const fileName = /^\w+\.txt$/;
// By it a comment of ours is known again; the numbers in it are not for people.
const marker = /\n\n\[crash-digger:[^\]]*\]$/;

// Launchpad makes a comment of each upload. Today's is empty, ours is the file's name.
function said(content: string): string {
  if (content === "" || fileName.test(content)) return "a file";
  const named = content.replace(marker, "").match(/#\d+/g) ?? [];
  return ["words", ...new Set(named)].join(" ");
}
