import { type Importance, importances } from "../types.ts";
import type { TaskEntry } from "./entries.ts";

/** A task's importance in the words of the port; null for one that is none of them (`Unknown`, of other trackers). */
export function importanceOf({ importance }: Pick<TaskEntry, "importance">): Importance | null {
  return importances.find((each) => each === importance) ?? null;
}
