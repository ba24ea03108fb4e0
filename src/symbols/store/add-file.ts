import { createHash } from "node:crypto";
import { chmod, mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { ElfFile } from "../../core/types.ts";
import { messageOf } from "../../system/failure.ts";
import { asideName } from "../cache/owner.ts";
import { elfOf } from "../elf-of.ts";
import type { Provenance } from "../types.ts";
import { moveInto, syncFolder } from "./move-into.ts";
import { folderOf, type StoreRecord, storedFile } from "./stored-file.ts";
import type { AddResult, FileKind, Refusal } from "./types.ts";
import { asServiceFailure } from "./write-failure.ts";

const notElf: Refusal = { kind: "not-elf", message: "it is not an ELF file" };

const elfMagic = Buffer.from("\x7fELF", "latin1");

// Chromium's debug file is some 6 GB, the largest in Debian.
const maxFileBytes = 16 * 1024 ** 3;

/** The store's `add`; see there. */
export async function addFile(
  store: string,
  kind: FileKind,
  wanted: readonly string[],
  content: Readable,
  origin: Omit<Provenance, "sha256">,
): Promise<AddResult> {
  const targets = new Map(wanted.map((buildId) => [buildId, folderOf(store, buildId, kind)]));
  const aside = join(store, "incoming", asideName());
  try {
    await mkdir(aside, { mode: 0o755 });
    const written = await write(content, join(aside, "file"));
    if ("refusal" in written) return { ok: false, refusal: written.refusal };
    const elf = elfOf(join(aside, "file"));
    const refusal = refusalOf(elf, kind, wanted);
    const target = targets.get(elf?.buildId ?? "");
    if (elf === null || target === undefined || refusal !== null) return { ok: false, refusal: refusal ?? notElf };
    await complete(aside, kind, { ...origin, ...written });
    const buildId = elf.buildId ?? "";
    const there = await moveInto(aside, target, () => storedFile(store, buildId, kind));
    const provenance = { ...origin, sha256: written.sha256 };
    return { ok: true, file: there ?? { path: join(target, "file"), elf, provenance } };
  } catch (cause) {
    throw asServiceFailure(cause, `The symbol store ${store} cannot be written`);
  } finally {
    content.destroy();
    await rm(aside, { recursive: true, force: true });
  }
}

type Written = { readonly sizeBytes: number; readonly sha256: string };

async function write(content: Readable, path: string): Promise<Written | { readonly refusal: Refusal }> {
  const file = await open(path, "wx", 0o644);
  try {
    const hash = createHash("sha256");
    let sizeBytes = 0;
    for await (const piece of pieces(content)) {
      if (piece instanceof Error) return { refusal: { kind: "incomplete", message: piece.message } };
      // Of a gigabyte that is not even ELF, not a byte needs to be on the disk.
      if (sizeBytes === 0 && !beginsLikeElf(piece)) return { refusal: notElf };
      sizeBytes += piece.length;
      if (sizeBytes > maxFileBytes) return { refusal: { kind: "too-large", message: "it is larger than 16 GiB" } };
      hash.update(piece);
      await file.appendFile(piece);
    }
    await file.sync();
    return { sizeBytes, sha256: hash.digest("hex") };
  } finally {
    await file.close();
  }
}

// Streams come in large pieces; one that begins with less than four bytes is looked at when it is whole.
function beginsLikeElf(piece: Buffer): boolean {
  return piece.length < elfMagic.length || piece.subarray(0, elfMagic.length).equals(elfMagic);
}

// Errors of the content (a package that ends too early) become values; those of our own disk stay exceptions.
async function* pieces(content: Readable): AsyncGenerator<Buffer | Error> {
  try {
    for await (const piece of content) yield piece;
  } catch (error) {
    yield new Error(messageOf(error));
  }
}

function refusalOf(elf: ElfFile | null, kind: FileKind, wanted: readonly string[]): Refusal | null {
  if (elf === null) return notElf;
  if (elf.buildId === null || !wanted.includes(elf.buildId)) {
    const found = elf.buildId === null ? "it has no build-id" : `its build-id is ${elf.buildId}`;
    return { kind: "wrong-build-id", message: `${found}, not ${wanted.slice(0, 3).join(", ")}` };
  }
  // The stripped program has the same build-id as its debug file. A dwz file may hold nothing but strings.
  if (kind === "debug" && !elf.hasDebugInfo && !elf.hasSymbolTable) {
    return { kind: "no-symbols", message: "it holds no debug symbols" };
  }
  return null;
}

async function complete(folder: string, kind: FileKind, record: StoreRecord): Promise<void> {
  await writeFile(join(folder, "record.json"), `${JSON.stringify(record)}\n`, { mode: 0o644, flush: true });
  await chmod(join(folder, "file"), kind === "executable" ? 0o755 : 0o644);
  await syncFolder(folder);
}
