import type { World } from "./state.ts";

/** The tag that a concurrent editor sets. A client that overwrites the list of tags loses it. */
export const meanwhileTag = "edited-meanwhile";

/** Edits the bug that an address stands for, or its task, so that an If-Match of before does not fit any more. */
export function editMeanwhile(world: World, path: string): void {
  const id = /\/(?:bugs|\+bug)\/(\d+)/.exec(path)?.[1];
  const bug = world.bugs.get(Number(id));
  if (bug === undefined) return;
  bug.updated = world.now();
  const task = bug.tasks.find((one) => path.endsWith(`/${one.target}/+bug/${id}`));
  if (task !== undefined) task.assignee = task.assignee === null ? "somebody" : null;
  else if (bug.tags.includes(meanwhileTag)) bug.description = `${bug.description} `;
  else bug.tags = [...bug.tags, meanwhileTag].sort();
}
