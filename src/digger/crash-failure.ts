import { ServiceFailure } from "../system/failure.ts";
import type { CrashId } from "../tracker/types.ts";

/** A failure of the service that came up while one crash was worked on. */
export class CrashFailure extends ServiceFailure {
  readonly crash: CrashId;

  constructor(crash: CrashId, message: string, options: { cause?: unknown; remedy?: string } = {}) {
    super(`while working on crash ${crash}: ${message}`, options);
    this.crash = crash;
  }
}
