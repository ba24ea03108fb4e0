import { PassThrough, type Readable } from "node:stream";
import { DecodedBudget } from "../../report/decoded-budget.ts";
import { decompress } from "../../report/decompress.ts";
import { defaultReportLimits } from "../../report/limits.ts";
import { Malformed } from "../../report/malformed.ts";
import { TooLarge } from "./client/too-large.ts";

/**
 * A core as it was before it was compressed: of a file called CoreDump.gz, which may hold gzip, zstd or, without a
 * word, the bare core.
 *
 * @param compressed what the tracker sends; destroyed when the core is not read to its end. Its own errors come
 *   through; damage ends the core with Malformed, and so does a bomb.
 */
export function decodedCore(compressed: Readable): Readable {
  const core = new PassThrough();
  core.once("close", () => compressed.destroy());
  decode(compressed, core).then(
    () => core.end(),
    (error: Error) => core.destroy(error),
  );
  return core;
}

async function decode(compressed: Readable, core: PassThrough): Promise<void> {
  const budget = new DecodedBudget(defaultReportLimits);
  const pieces = counted(compressed, budget);
  const first = await firstPiece(pieces);
  if (!isCompressed(first)) {
    for await (const piece of withFirst(first, pieces)) await writeTo(core, piece);
    return;
  }
  await decompress(withFirst(first, pieces), {
    write: async (piece) => {
      budget.addDecoded(piece.length, isZeros(piece));
      await writeTo(core, piece);
    },
  });
}

async function* counted(compressed: Readable, budget: DecodedBudget): AsyncGenerator<Buffer> {
  try {
    for await (const piece of compressed) {
      budget.addCompressed(piece.length);
      yield piece;
    }
  } catch (error) {
    throw error instanceof TooLarge ? new Malformed("too-large", error.message) : error;
  }
}

const magicBytes = 4;

async function firstPiece(pieces: AsyncGenerator<Buffer>): Promise<Buffer> {
  let first = Buffer.alloc(0);
  while (first.length < magicBytes) {
    const next = await pieces.next();
    if (next.done === true) break;
    first = Buffer.concat([first, next.value]);
  }
  return first;
}

async function* withFirst(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* rest;
}

// RFC 1952 and RFC 8878. Nothing of an ELF file is either.
function isCompressed(head: Buffer): boolean {
  if (head.length < magicBytes) return false;
  return head.readUIntBE(0, 3) === 0x1f8b08 || head.readUInt32BE(0) === 0x28b52ffd;
}

function writeTo(core: PassThrough, piece: Buffer): Promise<void> | void {
  if (core.destroyed) throw new Error("the core is not wanted any more");
  if (core.write(piece)) return;
  return new Promise((resolve) => {
    const go = (): void => {
      core.off("drain", go);
      core.off("close", go);
      resolve();
    };
    core.on("drain", go);
    core.on("close", go);
  });
}

const zeros = Buffer.alloc(64 * 1024);

// Pages that a program never touched: they become holes of the spooled file.
function isZeros(piece: Buffer): boolean {
  return piece.length <= zeros.length && piece.equals(zeros.subarray(0, piece.length));
}
