import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { renderTable } from "../src/cli/table.ts";
import type { Row, RowMaker } from "./row.ts";
import { batchOfNew } from "./rows/batch-of-new.ts";
import { cold } from "./rows/cold.ts";
import { knownAddresses } from "./rows/known-addresses.ts";
import { largeCore } from "./rows/large-core.ts";
import { largeDatabase } from "./rows/large-database.ts";
import { sourceLines } from "./rows/source-lines.ts";
import { start } from "./rows/start.ts";
import { warmRetrace } from "./rows/warm-retrace.ts";

const root = join(import.meta.dirname, "..");
const makers: readonly RowMaker[] = [
  start,
  cold,
  warmRetrace,
  sourceLines,
  batchOfNew,
  knownAddresses,
  largeCore,
  largeDatabase,
];

process.exitCode = await bench(process.argv.slice(2));

/** Measures the rows that are named on the command line, or all of them, and prints them as a table. */
async function bench(names: readonly string[]): Promise<number> {
  const chosen = makers.filter(({ name }) => names.length === 0 || names.includes(name));
  const rows: Row[] = [];
  for (const maker of chosen) {
    process.stderr.write(`measuring ${maker.name} …\n`);
    rows.push(...(await measureIn(maker)));
  }
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "", memoryBytes: totalmem(), kernel: release() };
  await mkdir(join(root, "build"), { recursive: true });
  await writeFile(join(root, "build", "bench.json"), `${JSON.stringify({ machine, rows }, null, 1)}\n`);
  const columns = ["ROW", "MEASURED", "AGAINST", "GOAL", ""].map((heading) => ({ heading, maxWidth: 90 }));
  process.stdout.write(
    renderTable(
      columns,
      rows.map((row) => [row.name, row.measured, row.against, row.goal, row.met ? "met" : "missed"]),
    ),
  );
  return 0;
}

async function measureIn(maker: RowMaker): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), `bench-${maker.name}-`));
  try {
    return await maker.measure({ folder, launcher: join(root, "bin", "crash-digger") });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
