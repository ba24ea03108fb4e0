import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { openByteReader } from "../core/byte-reader.ts";
import { DecodedBudget } from "../report/decoded-budget.ts";
import { decompress, type Sink } from "../report/decompress.ts";
import { defaultReportLimits } from "../report/limits.ts";
import { Malformed } from "../report/malformed.ts";
import { Spool } from "../report/spool.ts";
import { messageOf } from "../system/failure.ts";
import { type Decompression, decompressWithTool } from "./decompress-with-tool.ts";
import type { CollectRequest, Refused } from "./types.ts";

type RawCore = { readonly kind: "raw"; readonly path: string };

// systemd-coredump names its files core.COMM.UID.BOOT.PID.TIME.zst, but people rename and copy them: what a file
// is, its first bytes tell. LZ4's are those of the frame format, which systemd writes since version 229.
const tools: ReadonlyMap<string, Decompression> = new Map([
  ["fd377a585a00", { command: ["xz", "--decompress", "--stdout", "--memlimit-decompress=1GiB"], package: "xz-utils" }],
  ["04224d18", { command: ["lz4", "--decompress", "--stdout", "--quiet"], package: "lz4" }],
]);
const ownMagics = ["28b52ffd", "1f8b08"];

/** The core as a raw file: as it is, or decompressed into the work folder in constant memory, zeros as holes. */
export async function rawCore(request: CollectRequest, signal: AbortSignal): Promise<RawCore | Refused> {
  const head = headOf(request.corePath);
  if (typeof head !== "string") return head;
  const tool = [...tools].find(([magic]) => head.startsWith(magic))?.[1];
  if (tool === undefined && !ownMagics.some((magic) => head.startsWith(magic))) {
    return { kind: "raw", path: request.corePath };
  }
  return await spooled(request, tool ?? null, signal);
}

function headOf(path: string): string | Refused {
  try {
    const reader = openByteReader(path);
    const head = reader.read(0, 6).toString("hex");
    reader.close();
    return head;
  } catch (error) {
    return {
      kind: "refused",
      reason: `The core cannot be opened: ${messageOf(error)}. Check the path and your rights.`,
    };
  }
}

async function spooled(
  request: CollectRequest,
  tool: Decompression | null,
  signal: AbortSignal,
): Promise<RawCore | Refused> {
  const budget = new DecodedBudget({ ...defaultReportLimits, binaryBytes: request.maxCoreBytes });
  const spool = new Spool(request.workFolder, budget);
  try {
    const sink = untilAborted(await spool.create(), signal);
    const source = resolve(request.corePath);
    if (tool === null) await decompress(counted(createReadStream(source, { signal }), budget), sink);
    else await decompressWithTool(tool, source, sink, { budget, maxBytes: request.maxCoreBytes, signal });
    await spool.keep("CoreDump");
    return { kind: "raw", path: spool.fields.get("CoreDump")?.path ?? "" };
  } catch (error) {
    await spool.discard();
    signal.throwIfAborted();
    if (!(error instanceof Malformed)) throw error;
    return { kind: "refused", reason: `${request.corePath} cannot be decompressed: ${error.message}.` };
  }
}

// A piece of the file may hold a gigabyte of zeros, so the end of its pieces is too late to look.
function untilAborted(sink: Sink, signal: AbortSignal): Sink {
  const write = async (piece: Buffer): Promise<void> => {
    signal.throwIfAborted();
    await sink.write(piece);
  };
  return { write };
}

async function* counted(pieces: AsyncIterable<Buffer>, budget: DecodedBudget): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    budget.addCompressed(piece.length);
    yield piece;
  }
}
