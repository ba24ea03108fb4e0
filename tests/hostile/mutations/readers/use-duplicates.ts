import { join } from "node:path";
import { type Duplicates, openDuplicates } from "../../../../src/duplicates/duplicates.ts";
import type { CrashId, CrashStatus } from "../../../../src/duplicates/types.ts";
import { ensure } from "../reader.ts";

const crashes = 40;
const signatureOf = (id: number): string => `/usr/bin/program-${id % 30}:11:main:count:strlen`;
const addressOf = (id: number): string =>
  `/usr/bin/program-${id}:11:/usr/lib/a.so+${id}:/usr/lib/a.so+1:/usr/lib/b.so+2`;

async function statusOf(ids: readonly CrashId[]): Promise<ReadonlyMap<CrashId, CrashStatus>> {
  return new Map(ids.map((id) => [id, id % 7 === 0 ? { kind: "fixed", version: "1.0-1" } : { kind: "open" }]));
}

/** Fills a duplicate database. */
export async function makeDuplicates(folder: string): Promise<void> {
  const duplicates = await openDuplicates(join(folder, "duplicates.db"));
  for (let id = 1; id <= crashes; id += 1) await ask(duplicates, id);
  await duplicates.merge(3, 5);
  await duplicates.close();
}

/** Does with a duplicate database all that a batch and a person do. */
export async function useDuplicates(folder: string): Promise<number> {
  const duplicates = await openDuplicates(join(folder, "duplicates.db"));
  try {
    let crashes = 0;
    for await (const { id, signature, fixedVersion } of duplicates.dump()) {
      crashes += 1;
      ensure(Number.isSafeInteger(id) && typeof signature === "string", "ids are numbers, signatures texts");
      ensure(fixedVersion === null || typeof fixedVersion === "string", "versions are texts");
    }
    await duplicates.publish(join(folder, "published"));
    await duplicates.problems();
    for (const id of [1, 7, 41]) {
      await duplicates.details(id);
      const { verdict } = await ask(duplicates, id);
      ensure(verdict.kind !== "duplicate" || verdict.master !== id, "no crash is a duplicate of itself");
    }
    const question = { id: 50, addressSignature: addressOf(2), packageVersion: "1.0-1" };
    const master = await duplicates.lookupAddress(question, statusOf);
    ensure(master === null || Number.isSafeInteger(master), "a master is a crash's id");
    await duplicates.merge(2, 4);
    await duplicates.remove(1);
    return crashes;
  } finally {
    await duplicates.close();
  }
}

function ask(duplicates: Duplicates, id: number): ReturnType<Duplicates["check"]> {
  const question = { id, signature: signatureOf(id), addressSignature: addressOf(id), packageVersion: "1.0-1" };
  return duplicates.check(question, statusOf);
}
