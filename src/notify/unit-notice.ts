/** How a unit of systemd ended, in systemd's words: `oom-kill`, `killed`, `KILL`; none from a systemd before 251. */
export type FailedUnit = {
  readonly unit: string;
  readonly end: readonly string[];
  readonly host: string;
  readonly time: Date;
};

/** What people are told of a command that did not get to tell anything itself: killed, out of memory, not startable. */
export function unitNotice({ unit, end, host, time }: FailedUnit): string {
  return [
    `${unit} failed: ${end.length === 0 ? "systemd does not say how" : end.join(", ")}`,
    "",
    `Host: ${host}`,
    `Time: ${time.toISOString()}`,
    `What to do: journalctl -u ${unit} and the log have its last words. Mend the cause; after a batch: crash-digger unlock.`,
    "",
  ].join("\n");
}
