import type { ElfFile } from "../../core/types.ts";
import type { Provenance } from "../types.ts";

/** What a file is kept as: the program or library itself, its debug file, or a debug file shared by several (dwz). */
export type FileKind = "executable" | "debug" | "dwz";

/** A file in the store, looked at a moment ago. */
export type StoredFile = {
  readonly path: string;
  readonly elf: ElfFile;
  readonly provenance: Provenance;
};

/** Why the store did not take a file. */
export type Refusal = {
  readonly kind: "wrong-build-id" | "not-elf" | "no-symbols" | "too-large" | "incomplete";
  /** One sentence. */
  readonly message: string;
};

export type AddResult =
  | { readonly ok: true; readonly file: StoredFile }
  | { readonly ok: false; readonly refusal: Refusal };

/** gdb's index of a file's symbols; without a path gdb could not make one, and is not asked again. */
export type StoredIndex = { readonly path: string | null };
