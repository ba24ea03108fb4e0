/** What a lock says that a failed batch left. */
export type LeftLock = {
  readonly path: string;
  readonly reason: string;
  /** When the failed batch wrote it, as it stands there. */
  readonly time: string | null;
  readonly host: string;
};

/** What people are told, once a day, while batches are stopped. */
export function reminder({ path, reason, time, host }: LeftLock): string {
  return [
    `crash-digger is stopped: ${reason}`,
    "",
    `Host: ${host}`,
    `A batch failed${time === null ? "" : ` (it wrote its lock at ${time})`}, and no other runs until a person has looked.`,
    `What to do: mend the cause, then "crash-digger unlock" (or delete ${path}).`,
    "",
  ].join("\n");
}
