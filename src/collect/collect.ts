import { stat } from "node:fs/promises";
import { titleFor } from "../trace/title-for.ts";
import { asctime } from "./asctime.ts";
import { fieldsOfCore } from "./core-fields.ts";
import { foreignReason, uname } from "./machine.ts";
import { machineRelease } from "./machine-release.ts";
import { packageFields } from "./package-fields.ts";
import { programOf } from "./program.ts";
import { rawCore } from "./raw-core.ts";
import { readCoreFile } from "./read-core-file.ts";
import type { Collected, CollectRequest, Refused } from "./types.ts";

/**
 * Makes a problem report out of a core that was left on this machine, as Apport would have made it when the
 * program crashed: what the core says, and which packages are installed here. Neither the environment nor the
 * user's name goes into its fields.
 *
 * @throws ServiceFailure when dpkg cannot be asked; errors of the file system; the signal's reason.
 */
export async function collect(request: CollectRequest, signal: AbortSignal): Promise<Collected | Refused> {
  const raw = await rawCore(request, signal);
  if (raw.kind === "refused") return raw;
  const read = readCoreFile(raw.path, request.corePath);
  if (read.kind === "refused") return read;
  const foreign = await foreignReason(read.core, request.architecture, signal);
  if (foreign !== null) return { kind: "refused", reason: foreign };
  const program = await programOf(read.core, request.executable);
  if (program.kind === "refused") return program;
  const packaged = await packageFields(program, signal);
  const fields = new Map(
    Object.entries({
      ProblemType: "Crash",
      Architecture: request.architecture,
      Date: asctime((await stat(request.corePath)).mtime),
      DistroRelease: await machineRelease(),
      Uname: uname(),
      ...program.fields,
      ...packaged.fields,
      ...fieldsOfCore(read.core),
    }),
  );
  const title = titleFor(fields);
  if (title !== null) fields.set("Title", title);
  const notes = [...program.notes, ...packaged.notes, ...(fields.has("Signal") ? [] : [noSignal])];
  return { kind: "collected", fields, corePath: raw.path, pid: read.core.pid, notes };
}

const noSignal = "The core names no signal: it may have been taken from a living process (gcore), which is no crash.";
