import { appendFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { publishedNames } from "./published-name.ts";
import type { CrashId } from "./types.ts";

const maxBufferedCharacters = 1024 * 1024;

/** One folder of look-up files that is being written. Entries come in the order of their signatures. */
export class PublishedFolder {
  readonly #folder: string;
  readonly #nameOf = publishedNames();
  /** The file that the lines below are for; lines of others are in their files already. */
  #name = "";
  #lines = "";
  #written = 0;
  #leftOut = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(folder: string): Promise<PublishedFolder> {
    await mkdir(folder, { mode: 0o755 });
    return new PublishedFolder(folder);
  }

  get written(): number {
    return this.#written;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  add(id: CrashId, signature: string): void {
    const name = this.#nameOf(signature);
    if (name === null) {
      this.#leftOut += 1;
      return;
    }
    if (name !== this.#name || this.#lines.length > maxBufferedCharacters) this.flush();
    this.#name = name;
    this.#lines += `${id} ${signature}\n`;
    this.#written += 1;
  }

  // Appending, because a file's lines do not always come together: `/opt/a/b`, `/opt/aXb` and `/opt/a_b` sort
  // in this order, and the first and the last share the file `_opt_a_b`.
  flush(): void {
    if (this.#lines !== "") appendFileSync(join(this.#folder, this.#name), this.#lines, { mode: 0o644 });
    this.#lines = "";
  }
}
