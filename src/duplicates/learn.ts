import {
  addSignature,
  applyStatus,
  claimAddress,
  type DuplicatesTransaction,
  moveRows,
  readCrash,
  storeCrash,
} from "./rows.ts";
import type { CrashId, SettledCrash } from "./types.ts";
import { usableSignature } from "./usable-signature.ts";

/**
 * Stores a crash as its tracker shows it, without deciding anything: the tracker has been told of a verdict that this
 * file knows nothing of, because it was put back from a backup.
 *
 * @returns whether there was something to store
 */
export async function learn(transaction: DuplicatesTransaction, crash: SettledCrash): Promise<boolean> {
  const address = usableSignature(crash.addressSignature);
  const signature = usableSignature(crash.signature);
  return crash.duplicateOf === null
    ? await learnMaster(transaction, crash, signature, address)
    : await learnDuplicate(transaction, crash.id, crash.duplicateOf, signature, address);
}

async function learnMaster(
  transaction: DuplicatesTransaction,
  { id, status }: SettledCrash,
  signature: string | null,
  address: string | null,
): Promise<boolean> {
  if (status.kind === "invalid") return await applyStatus(transaction, id, status);
  const known = signature ?? address;
  if (known === null) return false;
  const stored = await readCrash(transaction, id);
  // A tracker may keep less of a trace than the signature was made of. What is stored was made of all of it; but an
  // address signature only stood in for the one that was missing.
  if (stored === undefined || stored.signature === address) await storeCrash(transaction, id, known);
  await applyStatus(transaction, id, status);
  if (address !== null) await claimAddress(transaction, address, id);
  return true;
}

/** What a check does with a duplicate (its address signature leads to the master), and with the loser of a merge. */
async function learnDuplicate(
  transaction: DuplicatesTransaction,
  id: CrashId,
  master: CrashId,
  signature: string | null,
  address: string | null,
): Promise<boolean> {
  const winning = await readCrash(transaction, master);
  // Of a master that nobody knows nothing can be learnt, and a duplicate is no master itself.
  if (winning === undefined) return await applyStatus(transaction, id, { kind: "invalid" });
  if ((await readCrash(transaction, id)) !== undefined) await moveRows(transaction, id, master);
  if (signature !== null && signature !== winning.signature) await addSignature(transaction, signature, master);
  if (address !== null) await claimAddress(transaction, address, master);
  return true;
}
