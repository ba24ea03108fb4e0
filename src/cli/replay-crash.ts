import { open } from "node:fs/promises";
import { z } from "zod";
import type { Config } from "../config/schema.ts";
import { makeWorkFolder } from "../digger/work-folders.ts";
import { type Manifest, manifestSchema } from "../retrace/manifest-schema.ts";
import { type Replayed, replay } from "../retrace/replay.ts";
import type { Recorded } from "../retrace/result-differences.ts";
import { systemClock } from "../system/clock.ts";
import { messageOf } from "../system/failure.ts";
import { lineLog, silentLog } from "../system/log.ts";
import { openLocal } from "../wiring/open.ts";
import { pathsOf } from "../wiring/paths.ts";
import { wireRetrace } from "../wiring/retrace.ts";
import { configWith } from "./config-overrides.ts";
import { isCrashId } from "./crash-id.ts";
import { CliError, exitCode } from "./exit.ts";
import { printable } from "./printable.ts";
import { readInput } from "./retrace-input.ts";
import { jsonLine } from "./tracker/json-line.ts";

/** What the command line of `replay` says. */
export type ReplayFlags = {
  readonly config?: string;
  readonly manifest?: string;
  readonly sandbox?: string;
  readonly cache?: string;
  readonly json?: true;
  readonly verbose?: true;
};

/** Repeats a retrace and prints how the result compares; resolves with the exit code. */
export async function replayFromCommandLine(report: string, flags: ReplayFlags): Promise<number> {
  const config = configWith({ ...flags, releases: flags.sandbox });
  const attached = isCrashId(report) ? await attachments(Number(report), config) : new Map<string, string>();
  const manifest = await manifestFor(report, flags.manifest, attached);
  await using work = await makeWorkFolder(pathsOf(config).work);
  const { crash } = await readInput(report, config, work.path, {});
  const log = flags.verbose ? lineLog((line) => process.stderr.write(line), systemClock, true) : silentLog;
  const services = await wireRetrace(config, log);
  const threads = recordedThreads(attached.get("Trace.json"));
  const replayed = await replay(crash, manifest, threads, services, new AbortController().signal);
  process.stdout.write(flags.json ? jsonLine(replayed) : textOf(replayed));
  return replayed.kind === "identical" ? exitCode.ok : exitCode.failed;
}

async function attachments(id: number, config: Config): Promise<ReadonlyMap<string, string>> {
  // Others keep no manifest.
  if (config.tracker.type !== "local") return new Map();
  await using tracker = await openLocal(config);
  const crash = await tracker.show(id);
  if (crash === null) throw new CliError(`crash ${id}: the tracker has no such crash`);
  return crash.attachmentTexts;
}

async function manifestFor(
  report: string,
  file: string | undefined,
  attached: ReadonlyMap<string, string>,
): Promise<Manifest> {
  const text = file === undefined ? attached.get("Manifest.json") : await manifestText(file);
  const source = file ?? "Manifest.json";
  if (text !== undefined) return parseManifest(text, source);
  if (isCrashId(report))
    throw new CliError(
      `crash ${report}: it has no manifest (Manifest.json): not retraced yet, or not kept; --manifest FILE?`,
    );
  throw new CliError("a report file needs the manifest of its retrace: --manifest FILE", exitCode.usage);
}

// 100,000 modules with three files each are some 60 MB.
const maxManifestBytes = 64 * 1024 * 1024;

async function manifestText(path: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    if ((await file.stat()).size > maxManifestBytes) throw new Error("it is larger than 64 MiB");
    return await file.readFile("utf8");
  } catch (cause) {
    throw new CliError(`${path}: the manifest cannot be read: ${messageOf(cause)}`);
  }
}

function parseManifest(text: string, source: string): Manifest {
  const result = manifestSchema.safeParse(parsedJson(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  throw new CliError(
    `${source}: not a manifest of this version of crash-digger${place}: ${printable(issue?.message ?? "")}`,
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Anybody may attach a file of that name.
    return undefined;
  }
}

// Lines of source are not repeated: they follow from the frames and the source packages.
const recordedFrame = z.looseObject({}).transform(({ source: _source, ...frame }) => frame);
const threadsSchema = z.array(z.object({ tid: z.number(), frames: z.array(recordedFrame) }));

function recordedThreads(text: string | undefined): Recorded["threads"] {
  return threadsSchema.safeParse(parsedJson(text ?? "")).data ?? null;
}

function textOf(replayed: Replayed): string {
  const lines = (items: readonly string[]): string => items.map((item) => `  ${printable(item)}\n`).join("");
  if (replayed.kind === "not-possible") return `not possible:\n${lines(replayed.reasons)}`;
  const notes = replayed.notes.map((note) => `note: ${printable(note)}\n`).join("");
  if (replayed.kind === "identical") return `identical\n${notes}`;
  return `differs:\n${lines(replayed.differences)}${notes}`;
}
