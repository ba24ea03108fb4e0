import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openDuplicates } from "../../src/duplicates/duplicates.ts";
import { median, usageOf } from "../measure.ts";
import type { Row, RowMaker } from "../row.ts";

const crashes = 1_000_000;
const checks = 201;

/** The duplicate database with a million crashes: a check, the opening, and publishing. */
export const largeDatabase: RowMaker = {
  name: "large-database",
  measure: async ({ folder, launcher }) => {
    const path = join(folder, "duplicates.db");
    await fill(path);
    // Filled by another program, so the whole file is read; from then on only we change it.
    const fullMs = await timed(async () => (await openDuplicates(path)).close());
    const openMs = await timed(async () => (await openDuplicates(path)).close());
    const checkMs = await medianCheck(path);
    const publish = [launcher, "dupdb", "publish", join(folder, "published"), "--duplicate-db", path];
    const usage = await usageOf(publish, folder);
    return [
      row("check", `${checkMs.toFixed(2)} ms`, "Apport 68-137 ms", "< 1 ms", checkMs < 1, { checkMs }),
      row(
        "check at the start",
        `${(openMs / 1000).toFixed(3)} s (${(fullMs / 1000).toFixed(1)} s once a day, and after others' changes)`,
        "Apport 6 s",
        "< 0.2 s",
        openMs < 200,
        { openMs, fullMs },
      ),
      row(
        "publish",
        `${usage.wallS.toFixed(1)} s, ${usage.peakMiB.toFixed(0)} MiB`,
        "Apport 15 s, 1.07 GB",
        "< 10 s and 200 MB",
        usage.wallS < 10 && usage.peakMiB * 1.048576 < 200,
        { publishS: usage.wallS, cpuS: usage.cpuS, peakMiB: usage.peakMiB },
      ),
    ];
  },
};

function row(
  what: string,
  measured: string,
  against: string,
  goal: string,
  met: boolean,
  figures: Row["figures"],
): Row {
  return { name: `1,000,000 signatures: ${what}`, measured, against, goal, met, figures };
}

async function fill(path: string): Promise<void> {
  await (await openDuplicates(path)).close();
  const database = new DatabaseSync(path);
  database.exec("BEGIN");
  const crash = database.prepare("INSERT INTO crashes VALUES (?, ?, NULL, '2026-01-01 00:00:00')");
  const address = database.prepare("INSERT INTO address_signatures VALUES (?, ?)");
  for (let id = 1; id <= crashes; id++) {
    const program = `/usr/bin/program${id % 5000}`;
    crash.run(`${program}:11:inner_${id}:middle_${id % 977}:outer_${id % 31}:main`, id);
    address.run(`${program}:11:${program}+${id.toString(16)}:/usr/lib/libc.so.6+${(id % 65536).toString(16)}`, id);
  }
  database.exec("COMMIT");
  database.close();
}

async function medianCheck(path: string): Promise<number> {
  const duplicates = await openDuplicates(path, { integrityCheck: false });
  const open = async (ids: readonly number[]) => new Map(ids.map((id) => [id, { kind: "open" } as const]));
  const times: number[] = [];
  for (let count = 0; count < checks; count++) {
    const known = 1 + ((count * 7919) % crashes);
    const signature = `/usr/bin/program${known % 5000}:11:inner_${known}:middle_${known % 977}:outer_${known % 31}:main`;
    const question = { id: known, signature, addressSignature: null, packageVersion: null };
    times.push(await timed(() => duplicates.check(question, open)));
  }
  await duplicates.close();
  return median(times);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
