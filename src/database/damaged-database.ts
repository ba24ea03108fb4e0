import { ServiceFailure } from "../system/failure.ts";

/** A database file that cannot be used as it is: whoever knows of backups can tell which of them is to be put back. */
export class DamagedDatabase extends ServiceFailure {
  readonly path: string;

  /** @param message names the file and says what is wrong with it */
  constructor(path: string, message: string, options: { cause?: unknown; remedy?: string } = {}) {
    super(message, options);
    this.path = path;
  }
}
