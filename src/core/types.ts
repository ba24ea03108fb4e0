/** Random access to a file's bytes; reads past the end give what there is (maybe nothing). */
export type ByteReader = {
  readonly sizeBytes: number;
  /** At most `length` bytes from `offset`. */
  read(offset: number, length: number): Buffer;
};

/** One contiguous part of a file in the crashed process's memory (from NT_FILE). */
export type FileMapping = {
  /** As the kernel recorded it: may end in ` (deleted)`, may hold any byte but NUL. */
  readonly path: string;
  readonly start: bigint;
  /** First address after it. */
  readonly end: bigint;
  /** Offset in the file, bytes. */
  readonly fileOffset: bigint;
  /** As in /proc/PID/maps: `r-xp`. A core does not tell shared from private; it is always `p`. */
  readonly permissions: string;
};

/** An ELF file that was loaded into the crashed process. */
export type CoreModule = {
  /**
   * Absolute path as the kernel recorded it, without a trailing ` (deleted)`. In brackets for what is
   * no file: `[vdso]`; `[unknown]` for an ELF image that nothing in the core names.
   */
  readonly path: string;
  /** Address of the mapping of file offset 0. */
  readonly start: bigint;
  /** First address after the last mapping of the file. */
  readonly end: bigint;
  /** Lower-case hex, or null when the core does not hold the note. */
  readonly buildId: string | null;
  /** Whether this is the program itself (AT_PHDR or AT_ENTRY lies in it). */
  readonly isExecutable: boolean;
  /** Whether the file had been removed or replaced when the process crashed. */
  readonly deleted: boolean;
};

export type CoreThread = {
  readonly tid: number;
  /** Program counter; null for a machine whose register layout we do not know. */
  readonly pc: bigint | null;
};

/** What the headers and notes of a core say; never its contents at large. */
export type Core = {
  readonly bits: 32 | 64;
  readonly byteOrder: "little" | "big";
  /** e_machine, and its Debian architecture name where we know one (`amd64`, `arm64`, `armhf`, …). */
  readonly machine: number;
  readonly architecture: string | null;
  readonly modules: readonly CoreModule[];
  readonly mappings: readonly FileMapping[];
  /** The thread that crashed first. */
  readonly threads: readonly CoreThread[];
  /** Signal number of the crash, null when no note tells. */
  readonly signal: number | null;
  readonly pid: number | null;
  /** The command's short name (pr_fname) and its arguments as the kernel kept them (pr_psargs, 80 bytes). */
  readonly commandName: string | null;
  readonly commandLine: string | null;
  /** Entries of the auxiliary vector, by AT_ number. */
  readonly auxv: ReadonlyMap<number, bigint>;
  /** Names under which the dynamic linker loaded files (from its link map): what gdb will look for. */
  readonly linkNames: readonly LinkName[];
  /** Bytes that the headers promise and the file does not have; 0 for a whole core. */
  readonly truncatedBy: number;
};

/** An entry of the dynamic linker's list of loaded files. */
export type LinkName = { readonly name: string; readonly loadAddress: bigint };

/** Why a file is not a core that can be read. */
export type CoreFault = {
  readonly kind: "not-elf" | "not-a-core" | "truncated-headers" | "bad-header" | "too-many";
  /** What is wrong and where (offset in hex), one sentence. */
  readonly message: string;
};

/** What an ELF file (program, library, debug file) says of itself. */
export type ElfFile = {
  readonly bits: 32 | 64;
  readonly byteOrder: "little" | "big";
  readonly machine: number;
  readonly buildId: string | null;
  readonly soname: string | null;
  readonly interpreter: string | null;
  /** .gnu_debuglink: name of the separate debug file. */
  readonly debugLink: string | null;
  /** .gnu_debugaltlink: the shared dwz file. Its name is as written (often relative); the id is lower-case hex. */
  readonly debugAltLink: { readonly name: string; readonly buildId: string } | null;
  /** Whether it carries .debug_info itself. */
  readonly hasDebugInfo: boolean;
  /** Whether it has a full symbol table (.symtab). */
  readonly hasSymbolTable: boolean;
};
