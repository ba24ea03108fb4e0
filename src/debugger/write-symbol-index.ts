import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { runInJail } from "../system/jail.ts";
import { succeeded } from "../system/process.ts";
import { type DebuggerLimits, jailLimits } from "./debugger-limits.ts";
import { chooseGdb } from "./find-gdb.ts";
import { describeJailEnd } from "./jail-end.ts";

// Of the largest debug files in Debian (6 GB) it has some 500 MB.
const maxIndexBytes = 1024 ** 3;

/**
 * Has gdb write the index of a file's symbols (`save gdb-index`): with it gdb opens the file without reading all of its
 * debug information. In a jail of its own, with no core anywhere near: a hostile core must not have a hand in what later
 * crashes are read with.
 *
 * @param symbols the debug file, or a program with its debug information in it.
 * @param output the file to write; only whole when `made` is the answer.
 * @throws ServiceFailure when there is no gdb or no jail.
 */
export async function writeSymbolIndex(
  symbols: string,
  output: string,
  architecture: string,
  limits: DebuggerLimits,
  signal: AbortSignal,
): Promise<{ readonly kind: "made" } | { readonly kind: "none"; readonly reason: string }> {
  const gdb = chooseGdb(architecture);
  if (gdb.kind === "foreign") return { kind: "none", reason: gdb.reason };
  const file = openSync(output, "wx", 0o644);
  let writtenBytes = 0;
  try {
    const task = {
      command: indexCommand(gdb.program),
      mounts: [{ hostPath: symbols, jailPath }],
      limits: room(limits),
    };
    const onStdout = (piece: Buffer): void => {
      for (let from = 0; from < piece.length; ) from += writeSync(file, piece, from);
      writtenBytes += piece.length;
    };
    const result = await runInJail(task, { signal, onStdout });
    signal.throwIfAborted();
    if (!succeeded(result) || writtenBytes === 0) return { kind: "none", reason: describeJailEnd(result) };
    fsyncSync(file);
    return { kind: "made" };
  } finally {
    closeSync(file);
  }
}

const jailPath = "/symbols";

// The jail's /tmp is its only writable place. gdb's own words go to stderr, so that stdout has the index alone.
const script = `"$@" >&2 && exec cat /tmp/symbols.gdb-index`;

function indexCommand(gdb: string): [string, ...string[]] {
  const settings = ["set auto-load off", "set debuginfod enabled off", "maint set worker-threads 2"];
  const words = [gdb, "-nx", "-nh", "-batch", ...settings.flatMap((setting) => ["-iex", setting])];
  return ["bash", "-c", script, "bash", ...words, jailPath, "-ex", "save gdb-index /tmp"];
}

function room(limits: DebuggerLimits): ReturnType<typeof jailLimits> {
  return { ...jailLimits(limits), outputBytes: maxIndexBytes, scratchBytes: maxIndexBytes };
}
