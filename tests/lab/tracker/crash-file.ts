import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export type CrashSeed = {
  /** Text fields; those of a plain crash are added unless they are set here. Undefined leaves one out. */
  readonly fields?: Readonly<Record<string, string | undefined>>;
  readonly binaries?: Readonly<Record<string, Buffer>>;
};

const plainFields = {
  ProblemType: "Crash",
  Architecture: "amd64",
  DistroRelease: "Debian 12",
  ExecutablePath: "/usr/bin/sleep",
  Package: "coreutils 9.1-1",
  Signal: "11",
  SignalName: "SIGSEGV",
};

/** A problem report as text, written as Apport does. */
export function crashText(seed: CrashSeed = {}): string {
  const fields = { ...plainFields, ...seed.fields };
  const texts = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const binaries = Object.entries(seed.binaries ?? {});
  return [...texts.map(textField), ...binaries.map(binaryField)].join("");
}

/** Writes a report into a folder and gives its path. */
export function writeCrash(folder: string, name: string, seed: CrashSeed = {}): string {
  const path = join(folder, name);
  writeFileSync(path, crashText(seed));
  return path;
}

function textField([key, value]: readonly [string, string]): string {
  return value.includes("\n") ? `${key}:\n${indented(value.split("\n"))}` : `${key}: ${value}\n`;
}

function binaryField([key, bytes]: readonly [string, Buffer]): string {
  const stream = gzipSync(bytes);
  const chunkBytes = 128 * 1024;
  const lines: string[] = [];
  for (let start = 0; start < stream.length; start += chunkBytes) {
    lines.push(stream.subarray(start, start + chunkBytes).toString("base64"));
  }
  return `${key}: base64\n${indented(lines)}`;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => ` ${line}\n`).join("");
}
