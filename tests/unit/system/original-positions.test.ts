import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withOriginalPositions } from "../../../src/system/original-positions.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "positions-"));
  // The joined file's second line is line 5 of the source.
  const map = { version: 3, sources: ["../../src/retrace/retrace.ts"], names: [], mappings: ";AAIA" };
  await writeFile(join(folder, "retrace.cjs.map"), JSON.stringify(map));
  await writeFile(join(folder, "broken.cjs.map"), "{");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("a backtrace names the lines of the sources", () => {
  const file = join(folder, "retrace.cjs");
  const source = resolve(folder, "../../src/retrace/retrace.ts");
  const backtrace = (path: string, line: number) =>
    [
      "Error: no",
      `    at retrace (${path}:${line}:1)`,
      `    at async ${path}:${line}:1`,
      `    at ${path}:${line}:1`,
    ].join("\n");
  expect(withOriginalPositions(backtrace(file, 2))).toBe(backtrace(source, 5));
});

test.each(["broken", "absent"])("without a sound map (%s) the position stays as it is", (name) => {
  const backtrace = `Error: no\n    at retrace (${join(folder, `${name}.cjs`)}:2:1)\n`;
  expect(withOriginalPositions(backtrace)).toBe(backtrace);
});
