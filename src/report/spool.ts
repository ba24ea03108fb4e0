import { constants, type FileHandle, open, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { DecodedBudget } from "./decoded-budget.ts";
import { isHole, SparseFile } from "./sparse-file.ts";
import type { SpooledField } from "./types.ts";

const maxAttempts = 1000;
const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** The files of one report's binary fields, in a folder that belongs to the caller. */
export class Spool {
  readonly #folder: string;
  readonly #budget: DecodedBudget;
  readonly #fields = new Map<string, SpooledField>();
  #writing: SpoolFile | null = null;
  #counter = 0;

  constructor(folder: string, budget: DecodedBudget) {
    this.#folder = resolve(folder);
    this.#budget = budget;
  }

  get fields(): ReadonlyMap<string, SpooledField> {
    return this.#fields;
  }

  /** Opens a new file. Its name is ours: a field's key never becomes a path. */
  async create(): Promise<SpoolFile> {
    const { path, handle } = await this.#openUnused();
    this.#writing = new SpoolFile(path, handle, this.#budget);
    return this.#writing;
  }

  /** Finishes the file opened last as the value of a field. */
  async keep(key: string): Promise<void> {
    if (this.#writing === null) throw new Error("no spool file is open");
    this.#fields.set(key, await this.#writing.finish());
    this.#writing = null;
  }

  /** Removes a field's file, if it has one: a later entry of the same key takes its place. */
  async remove(key: string): Promise<void> {
    const field = this.#fields.get(key);
    if (field === undefined) return;
    this.#fields.delete(key);
    await unlink(field.path);
  }

  /** Removes everything, also what is half written. */
  async discard(): Promise<void> {
    await this.#writing?.abandon();
    this.#writing = null;
    for (const key of [...this.#fields.keys()]) await this.remove(key);
  }

  async #openUnused(): Promise<{ path: string; handle: FileHandle }> {
    for (let attempt = 0; ; attempt += 1) {
      this.#counter += 1;
      const path = join(this.#folder, `field-${this.#counter}`);
      try {
        return { path, handle: await open(path, flags, 0o600) };
      } catch (error) {
        // Another report was read into the same folder before; its files are not ours to touch.
        if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt >= maxAttempts) throw error;
      }
    }
  }
}

/** A file of one field, and what it may still add to what the report expands to. */
class SpoolFile {
  readonly #file: SparseFile;
  readonly #path: string;
  readonly #budget: DecodedBudget;

  constructor(path: string, handle: FileHandle, budget: DecodedBudget) {
    this.#file = new SparseFile(handle);
    this.#path = path;
    this.#budget = budget;
  }

  async write(piece: Buffer): Promise<void> {
    this.#budget.addDecoded(piece.length, isHole(piece));
    await this.#file.write(piece);
  }

  async finish(): Promise<SpooledField> {
    await this.#file.finish();
    return { path: this.#path, sizeBytes: this.#file.sizeBytes };
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
    await unlink(this.#path);
  }
}
