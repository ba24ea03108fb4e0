import { appendFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { publishedName } from "./published-name.ts";
import type { CrashId } from "./types.ts";

const maxBufferedCharacters = 1024 * 1024;

/** One folder of look-up files that is being written: lines are gathered by file and appended in large pieces. */
export class PublishedFolder {
  readonly #folder: string;
  readonly #lines = new Map<string, string[]>();
  #buffered = 0;
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
    const name = publishedName(signature);
    if (name === null) {
      this.#leftOut += 1;
      return;
    }
    const line = `${id} ${signature}\n`;
    const lines = this.#lines.get(name);
    if (lines === undefined) this.#lines.set(name, [line]);
    else lines.push(line);
    this.#written += 1;
    this.#buffered += line.length;
    if (this.#buffered > maxBufferedCharacters) this.flush();
  }

  // Appending, because a file's lines do not always come together: `/opt/a/b`, `/opt/aXb` and `/opt/a_b` sort
  // in this order, and the first and the last share the file `_opt_a_b`.
  flush(): void {
    for (const [name, lines] of this.#lines) appendFileSync(join(this.#folder, name), lines.join(""), { mode: 0o644 });
    this.#lines.clear();
    this.#buffered = 0;
  }
}
