/** What the files of a schedule depend on. */
export type Schedule = {
  /** Program and first arguments of every job: `["/opt/crash-digger/bin/crash-digger", "--config", "/etc/…"]`. */
  readonly command: readonly string[];
  readonly user: string;
  /** Minutes between batches: a divisor of 60. */
  readonly everyMin: number;
  /** Local time of the first daily job, `03:17`. */
  readonly dailyAt: string;
  /** File that stdout is appended to. */
  readonly log: string;
  /** Folder that the duplicate database is published to; null: it is not. */
  readonly publishDir: string | null;
  /** Whom cron mails what is printed on stderr. */
  readonly mailTo: readonly string[];
  /** Whether something that is used lies below /home or /root. */
  readonly usesHome: boolean;
};

export type ScheduleKind = "cron" | "systemd";

/** A file of the schedule: absolute path and whole text. */
export type ScheduleFile = { readonly path: string; readonly text: string };
