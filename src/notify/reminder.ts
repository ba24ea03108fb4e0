/** What a lock says that a failed batch left. */
export type LeftLock = {
  readonly path: string;
  readonly reason: string;
  /** When the failed batch wrote it, as it stands there. */
  readonly time: string | null;
  readonly host: string;
  /** Whether it was ended from outside, without a word. */
  readonly wasKilled: boolean;
};

const killedHint =
  'Who kills: the kernel when memory runs out ("journalctl -k" or "dmesg" says "Out of memory"), systemd at a time limit, a person.';

/** What people are told, once a day, while batches are stopped. */
export function reminder({ path, reason, time, host, wasKilled }: LeftLock): string {
  return [
    `crash-digger is stopped: ${reason}`,
    "",
    `Host: ${host}`,
    `A batch failed${time === null ? "" : ` (it wrote its lock at ${time})`}, and no other runs until a person has looked.`,
    ...(wasKilled ? [killedHint] : []),
    `What to do: mend the cause, then "crash-digger unlock" (or delete ${path}).`,
    "",
  ].join("\n");
}
