// As Launchpad's database numbers what its web service names. 14 and 15 are Incomplete with and without an answer.
const taskStatuses: ReadonlyMap<number, string> = new Map([
  [10, "New"],
  [13, "Incomplete"],
  [14, "Incomplete"],
  [15, "Incomplete"],
  [16, "Opinion"],
  [17, "Invalid"],
  [18, "Won't Fix"],
  [19, "Expired"],
  [20, "Confirmed"],
  [21, "Triaged"],
  [22, "In Progress"],
  [23, "Deferred"],
  [25, "Fix Committed"],
  [30, "Fix Released"],
  [35, "Does Not Exist"],
]);

const seriesStatuses: ReadonlyMap<number, string> = new Map([
  [1, "Experimental"],
  [2, "Active Development"],
  [3, "Pre-release Freeze"],
  [4, "Current Stable Release"],
  [5, "Supported"],
  [6, "Obsolete"],
  [7, "Future"],
]);

/** The word for a task's status; one that we do not know is neither fixed nor given up, like an unknown word. */
export function taskStatus(number: number): string {
  return taskStatuses.get(number) ?? `status ${number}`;
}

/** The word for a series' status. */
export function seriesStatus(number: number): string {
  return seriesStatuses.get(number) ?? `status ${number}`;
}
