/** `warning`: batches run, but something is not as it should be. `problem`: they do not, or not for long. */
export type Outcome = "ok" | "warning" | "problem";

/** What a check found. */
export type Answer = {
  readonly outcome: Outcome;
  /** One line: what is there, or what is wrong. May hold foreign text. */
  readonly found: string;
  /** What a person can do about it; null when all is well. */
  readonly remedy: string | null;
};

/** A question to this machine. */
export type Check = {
  /** What is looked at: `gdb`, `release Debian 12`. */
  readonly name: string;
  readonly look: () => Answer | Promise<Answer>;
};

export type Finding = Answer & { readonly check: string };
