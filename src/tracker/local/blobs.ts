import { createReadStream } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { pipeline, type Readable, Transform } from "node:stream";
import { pipeline as finished } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { messageOf, ServiceFailure } from "../../system/failure.ts";
import { fileMode, syncFolder } from "./private-files.ts";

/** A binary field as it is kept: a zstd file under a name of our own making. */
export type Blob = {
  /** File name in the tracker's `files` folder: our own id, never anything out of a report. */
  readonly storageName: string;
  /** Bytes when decoded. */
  readonly sizeBytes: number;
};

/**
 * Compresses a file into the `files` folder, in constant memory. When it returns the bytes and the name are on
 * the disk; before that there is nothing under the name.
 *
 * @param besides folder on the same file system for the half-made file.
 */
export async function storeBlob(source: string, filesFolder: string, storageName: string, besides: string) {
  const halfMade = join(besides, storageName);
  const target = await open(halfMade, "wx", fileMode);
  try {
    await target.chmod(fileMode);
    await compressInto(source, target);
    await target.sync();
  } finally {
    await target.close();
  }
  await rename(halfMade, join(filesFolder, storageName));
  await syncFolder(filesFolder);
}

async function compressInto(source: string, target: FileHandle): Promise<void> {
  // The checksum lets a disk's bit rot be noticed when the core is read, weeks later.
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  await finished(createReadStream(source), compress, (pieces) => target.writeFile(pieces));
}

/**
 * The decoded bytes of a stored file, as a stream. Null when there is no such file.
 * A damaged file ends the stream with a ServiceFailure. The file stays open until the stream ends or is destroyed.
 */
export async function openBlob(filesFolder: string, blob: Blob): Promise<Readable | null> {
  const path = join(filesFolder, blob.storageName);
  const file = await openIfThere(path);
  return file === null ? null : decoded(file, path, blob.sizeBytes);
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new ServiceFailure(`a file of the tracker cannot be opened: ${messageOf(error)}`, { cause: error });
  }
}

function decoded(file: FileHandle, path: string, sizeBytes: number): Readable {
  const stages = [file.createReadStream(), createZstdDecompress()] as const;
  const checked = sizeCheck(path, sizeBytes);
  // Before `pipeline`, which would end the stream with zlib's bare words.
  for (const stage of stages) {
    stage.once("error", (error: NodeJS.ErrnoException) => {
      // When its last stage has all, `pipeline` destroys what has not told of its end yet, a decompressor whose last
      // callback is late, with this error ("Cannot call pipe after a stream was destroyed"). Nothing is lost then, and
      // the check below sees whether it is all.
      if (error.code !== "ERR_STREAM_DESTROYED") checked.destroy(damaged(path, error.message, error));
    });
  }
  pipeline(...stages, checked, () => {});
  return checked;
}

function sizeCheck(path: string, sizeBytes: number): Transform {
  let seenBytes = 0;
  return new Transform({
    transform: (piece: Buffer, _encoding, done) => {
      seenBytes += piece.length;
      done(null, piece);
    },
    flush: (done) => {
      if (seenBytes === sizeBytes) done();
      else done(damaged(path, `it holds ${seenBytes} bytes instead of ${sizeBytes}`));
    },
  });
}

function damaged(path: string, why: string, cause?: unknown): ServiceFailure {
  return new ServiceFailure(`${path}: a file of the tracker is damaged: ${why}`, {
    cause,
    remedy: "Check the disk; restore the file from a backup, or set the status of its crash to invalid.",
  });
}
