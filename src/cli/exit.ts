/** Exit codes of the command; the table is in docs/operations.md. */
export const exitCode = {
  ok: 0,
  /** What was asked for could not be done; a service failure too. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** `check` only: nothing can be told. Monitoring's number for it; 1 and 2 are a warning and worse there. */
  unknown: 3,
  /** `retrace` only: try again later. Apport's number for it. */
  transient: 99,
} as const;

/** An error that a person is to read as it stands: no backtrace, the given exit code. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;

  constructor(message: string, code: number = exitCode.failed) {
    super(message);
    this.exitCode = code;
  }
}
