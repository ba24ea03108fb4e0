import { stat } from "node:fs/promises";
import type { DecodedBudget } from "../report/decoded-budget.ts";
import type { Sink } from "../report/decompress.ts";
import { Malformed } from "../report/malformed.ts";
import { ServiceFailure } from "../system/failure.ts";
import { describeEnd, type ProcessResult, succeeded } from "../system/process.ts";
import { streamFrom } from "../system/stream-process.ts";

/** A program that prints a file's decompressed contents, and the Debian package that has it. */
export type Decompression = { readonly command: readonly [string, ...string[]]; readonly package: string };

export type Bounds = {
  readonly budget: DecodedBudget;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
};

const deadlineMs = 60 * 60 * 1000;

/**
 * Decompresses a file into a sink with a program of the system, as fast as the sink takes it.
 *
 * @param path absolute, so that it cannot be taken for an option.
 * @throws Malformed for damage, a missing end, or more than is allowed; ServiceFailure when the program is not there.
 */
export async function decompressWithTool(
  { command, package: from }: Decompression,
  path: string,
  sink: Sink,
  { budget, maxBytes, signal }: Bounds,
): Promise<void> {
  budget.addCompressed((await stat(path)).size);
  const process = streamFrom([...command, path], { deadlineMs, maxBytes: maxBytes + 1, signal });
  try {
    for await (const piece of process.stdout) {
      const bytes: Buffer = piece;
      await sink.write(bytes);
    }
  } catch (error) {
    process.stop();
    throw error;
  }
  const result = await process.ended;
  signal.throwIfAborted();
  if (!succeeded(result)) throw failureOf(result, from);
}

function failureOf(result: ProcessResult, from: string): Error {
  const [program = ""] = result.command;
  if (result.startError !== null) {
    return new ServiceFailure(`${program}, which decompresses this core, could not be started: ${result.startError}`, {
      remedy: `Install it: apt-get install ${from}`,
    });
  }
  return new Malformed("bad-compression", `${program}: ${describeEnd(result)} ${result.stderr.trim()}`.trim());
}
