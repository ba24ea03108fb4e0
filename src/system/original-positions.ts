import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, resolve } from "node:path";

// "at retrace (/opt/crash-digger/build/bundle/retrace-D1c4wS.cjs:812:20)", "at /opt/…/start.cjs:1:1"
const bundled = /((?<=\(|\bat (?:async )?)\/[^()\n]+\.cjs):(\d+):(\d+)/g;

/**
 * A backtrace with the lines of our sources instead of those of the files that `scripts/bundle.mjs` joined them into,
 * where the source maps beside these say so. (node can do this itself, but then reads all maps at every start.)
 */
export function withOriginalPositions(backtrace: string): string {
  const maps = new Map<string, SourceMap | null>();
  return backtrace.replace(bundled, (place, file: string, line: string, column: string) => {
    if (!maps.has(file)) maps.set(file, mapOf(file));
    const origin = maps.get(file)?.findOrigin(Number(line), Number(column));
    if (origin === undefined || !("fileName" in origin)) return place;
    return `${resolve(dirname(file), origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}

function mapOf(file: string): SourceMap | null {
  try {
    const path = `${file}.map`;
    return existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, "utf8"))) : null;
  } catch {
    // A backtrace with the joined files' own lines is better than none.
    return null;
  }
}
