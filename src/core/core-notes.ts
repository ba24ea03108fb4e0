import { type ElfFormat, fault, type Outcome, textUpToNul, u16, u32, word, wordBytes } from "./elf-format.ts";
import type { ElfHeader } from "./elf-header.ts";
import { limits } from "./limits.ts";
import { registerLayout } from "./machines.ts";
import { type Note, type NotePlace, notesAt } from "./notes.ts";
import type { ByteReader, CoreThread } from "./types.ts";

/** What the notes of a core say of its process. */
export type CoreNotes = {
  readonly threads: readonly CoreThread[];
  readonly signal: number | null;
  readonly pid: number | null;
  readonly commandName: string | null;
  readonly commandLine: string | null;
  readonly auxv: ReadonlyMap<number, bigint>;
  /** Content of NT_FILE, null when there is none. */
  readonly fileNote: Buffer | null;
};

type Draft = { -readonly [Key in keyof CoreNotes]: CoreNotes[Key] } & { threads: CoreThread[] };

/** Note types of owner `CORE` (elf.h); the last two spell `SIGI` and `FILE`. */
const noteType = { prstatus: 1, prpsinfo: 3, auxv: 6, siginfo: 0x53494749, file: 0x46494c45 } as const;

/** Reads the notes that tell about the process, in whatever order they come: gdb's differs from the kernel's. */
export function readCoreNotes(reader: ByteReader, header: ElfHeader, places: readonly NotePlace[]): Outcome<CoreNotes> {
  const draft = emptyDraft();
  let count = 0;
  for (const place of places) {
    for (const note of notesAt(reader, header, place, limits.notes + 1)) {
      count++;
      if (note.owner === "CORE") take(draft, header, note);
      const excess = excessOf(draft, note, count);
      if (excess !== null) return fault("too-many", `the core claims ${excess}`, place.offset);
    }
  }
  return { ok: true, value: draft };
}

function emptyDraft(): Draft {
  return {
    threads: [],
    signal: null,
    pid: null,
    commandName: null,
    commandLine: null,
    auxv: new Map<number, bigint>(),
    fileNote: null,
  };
}

function excessOf(draft: Draft, note: Note, count: number): string | null {
  if (count > limits.notes) return `more than ${limits.notes} notes`;
  if (draft.threads.length > limits.threads) return `more than ${limits.threads} threads`;
  const isFileNote = note.owner === "CORE" && note.type === noteType.file;
  return isFileNote && note.sizeBytes > limits.fileNoteBytes ? `${note.sizeBytes} bytes of file names` : null;
}

function take(draft: Draft, header: ElfHeader, note: Note): void {
  const content = (): Buffer => note.content(limits.noteBytes);
  if (note.type === noteType.prstatus) takeThread(draft, header, content());
  if (note.type === noteType.prpsinfo) takeProcess(draft, header, content());
  if (note.type === noteType.siginfo) takeSignal(draft, header, content());
  if (note.type === noteType.auxv && draft.auxv.size === 0) draft.auxv = auxiliaryVector(header, content());
  if (note.type === noteType.file && note.sizeBytes <= limits.fileNoteBytes) {
    draft.fileNote ??= note.content(limits.fileNoteBytes);
  }
}

// struct elf_prstatus (linux/elfcore.h): siginfo 12 bytes, cursig, two signal masks, four ids, four
// timevals, then the registers. The masks and the timevals are of longs.
function takeThread(draft: Draft, header: ElfHeader, content: Buffer): void {
  const wide = header.bits === 64;
  const tidAt = wide ? 32 : 24;
  if (content.length < tidAt + 4) return;
  const registersAt = wide ? 112 : 72;
  draft.threads.push({ tid: u32(header, content, tidAt), pc: programCounter(header, content.subarray(registersAt)) });
  // Of the crashing thread, which comes first. 0 where gdb wrote a core of a running process.
  if (draft.threads.length === 1) draft.signal ??= u16(header, content, 12) || null;
}

function programCounter(header: ElfHeader, registers: Buffer): bigint | null {
  const layout = registerLayout(header, header.machine, header.flags);
  if (layout === null || registers.length < layout.pcOffset + layout.registerBytes) return null;
  const format: ElfFormat = { bits: layout.registerBytes === 8 ? 64 : 32, byteOrder: header.byteOrder };
  return word(format, registers, layout.pcOffset);
}

// struct elf_prpsinfo ends with pr_pid, three more ids, pr_fname[16], pr_psargs[80]. Its head differs: ids
// of users have 16 bits on i386 and arm, 32 on ppc and mips. So it is read from its end.
function takeProcess(draft: Draft, format: ElfFormat, content: Buffer): void {
  if (draft.commandName !== null || ![124, 128, 136].includes(content.length)) return;
  const nameAt = content.length - 96;
  draft.pid = u32(format, content, nameAt - 16);
  draft.commandName = textUpToNul(content.subarray(nameAt, nameAt + 16));
  // The kernel puts a blank in place of each NUL, the last one too.
  draft.commandLine = textUpToNul(content.subarray(nameAt + 16)).trimEnd();
}

function takeSignal(draft: Draft, format: ElfFormat, content: Buffer): void {
  if (content.length < 4 || draft.threads.length > 1) return;
  const signal = u32(format, content, 0);
  if (signal > 0 && signal < 256) draft.signal = signal;
}

function auxiliaryVector(format: ElfFormat, content: Buffer): Map<number, bigint> {
  const auxv = new Map<number, bigint>();
  const size = wordBytes(format);
  for (let at = 0; at + 2 * size <= content.length; at += 2 * size) {
    const key = word(format, content, at);
    if (key === 0n) break;
    auxv.set(Number(key), word(format, content, at + size));
  }
  return auxv;
}
