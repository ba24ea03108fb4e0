import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withOriginalPositions } from "../../../src/system/original-positions.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "positions-"));
  // The joined file's second line is line 5 of the source.
  const map = { version: 3, sources: ["../../src/retrace/retrace.ts"], names: [], mappings: ";AAIA" };
  await writeFile(join(folder, "retrace.mjs.map"), JSON.stringify(map));
  await writeFile(join(folder, "broken.mjs.map"), "{");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("a backtrace names the lines of the sources", () => {
  const file = pathToFileURL(join(folder, "retrace.mjs"));
  const source = new URL("../../src/retrace/retrace.ts", file);
  expect(withOriginalPositions(`Error: no\n    at retrace (${file}:2:1)\n`)).toBe(
    `Error: no\n    at retrace (${source}:5:1)\n`,
  );
});

test.each(["broken", "absent"])("without a sound map (%s) the position stays as it is", (name) => {
  const backtrace = `Error: no\n    at retrace (${pathToFileURL(join(folder, `${name}.mjs`))}:2:1)\n`;
  expect(withOriginalPositions(backtrace)).toBe(backtrace);
});
