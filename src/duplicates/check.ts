import type { Database } from "../database/open-database.ts";
import { readCandidates, withAddress } from "./candidates.ts";
import type { DuplicatesSchema } from "./format.ts";
import { quoteSignature } from "./quote.ts";
import { applyStatus, claimAddress, type DuplicatesTransaction, moveRows, readCrash, storeCrash } from "./rows.ts";
import { type Candidate, chooseMaster, decide } from "./rules.ts";
import type {
  AddressQuestion,
  CrashId,
  CrashStatus,
  DuplicateAnswer,
  DuplicateQuestion,
  Merge,
  StatusOf,
} from "./types.ts";
import { usableSignature } from "./usable-signature.ts";

// Another process may store a candidate while we ask about the ones before it. After so many rounds the status that
// was stored with the newest ones is fresh enough.
const maxRounds = 5;

/**
 * Decides whether a report is new, a duplicate or a regression, and stores what follows. Asking again gives the same
 * answer and changes nothing, as long as the tracker says the same.
 */
export async function check(
  database: Database<DuplicatesSchema>,
  asked: DuplicateQuestion,
  statusOf: StatusOf,
): Promise<DuplicateAnswer> {
  const question = usableQuestion(asked);
  if (question === null) return { verdict: { kind: "unsigned" }, merges: [], contradictions: [] };
  return await withFreshCandidates(database, question, statusOf, (transaction) => settle(transaction, question));
}

/** The crash that a report with this address signature is a duplicate of, or null. Stores only fresh statuses. */
export async function lookupAddress(
  database: Database<DuplicatesSchema>,
  asked: AddressQuestion,
  statusOf: StatusOf,
): Promise<CrashId | null> {
  const addressSignature = usableSignature(asked.addressSignature);
  if (addressSignature === null) return null;
  const question = { id: asked.id, signature: null, addressSignature };
  return await withFreshCandidates(database, question, statusOf, async (transaction) => {
    const { byAddress } = await readCandidates(transaction, question);
    return chooseMaster(byAddress, versionOf(asked.packageVersion));
  });
}

type UsableQuestion = Omit<DuplicateQuestion, "signature"> & { readonly signature: string };

// A crash with an address signature only (a trace full of `??`) is stored under that: the format wants a signature, and
// this one (`/usr/bin/x:11:/usr/lib/y.so+1f0:…`) is nobody's stack signature, because no function name has a `+`.
function usableQuestion(asked: DuplicateQuestion): UsableQuestion | null {
  const addressSignature = usableSignature(asked.addressSignature);
  const signature = usableSignature(asked.signature) ?? addressSignature;
  if (signature === null) return null;
  return { id: asked.id, signature, addressSignature, packageVersion: versionOf(asked.packageVersion) };
}

function versionOf(packageVersion: string | null): string | null {
  return packageVersion?.trim() || null;
}

/**
 * The tracker is asked outside of any transaction (it may take seconds). The transaction then stores its answers, reads
 * the candidates again, and goes on only if it has heard of each; else the tracker is asked about the new ones.
 */
async function withFreshCandidates<T>(
  database: Database<DuplicatesSchema>,
  question: Parameters<typeof readCandidates>[1],
  statusOf: StatusOf,
  work: (transaction: DuplicatesTransaction) => Promise<T>,
): Promise<T> {
  const heard = new Set<CrashId>();
  let statuses: ReadonlyMap<CrashId, CrashStatus> = new Map();
  for (let round = 1; ; round += 1) {
    const fresh = statuses;
    const result = await database.transaction(async (transaction) => {
      for (const [id, status] of fresh) if (heard.has(id)) await applyStatus(transaction, id, status);
      const { bySignature, byAddress } = await readCandidates(transaction, question);
      const unheard = [...bySignature, ...byAddress].map((candidate) => candidate.id).filter((id) => !heard.has(id));
      if (unheard.length > 0 && round <= maxRounds) return { ask: [...new Set(unheard)] };
      return { done: await work(transaction) };
    });
    if (!("ask" in result)) return result.done;
    statuses = await statusOf(result.ask);
    for (const id of result.ask) heard.add(id);
  }
}

async function settle(transaction: DuplicatesTransaction, question: UsableQuestion): Promise<DuplicateAnswer> {
  return {
    verdict: await store(transaction, question),
    merges: await mergesFoundBy(transaction, question.id),
    contradictions: await contradictionsOf(transaction, question.addressSignature),
  };
}

async function store(
  transaction: DuplicatesTransaction,
  question: UsableQuestion,
): Promise<DuplicateAnswer["verdict"]> {
  const decision = decide(await readCandidates(transaction, question), question.packageVersion);
  if (decision.kind !== "duplicate") {
    await storeCrash(transaction, question.id, question.signature);
    await claim(transaction, question, question.id);
    return decision;
  }
  const { master, loser } = decision;
  if (loser !== null) await merge(transaction, { loser, master }, question.id);
  if (await staysMaster(transaction, question.id, master)) {
    // Two open crashes with one signature (somebody reopened the older one): the lower id wins here too. Those that are
    // left are decided by as they will be when somebody asks again: a crash that was fixed makes it a regression, a
    // third one may be its master. Each round has one crash less.
    await merge(transaction, { loser: master, master: question.id }, question.id);
    return await store(transaction, question);
  }
  await claim(transaction, question, master);
  if ((await readCrash(transaction, question.id)) !== undefined) await moveRows(transaction, question.id, master);
  return { kind: "duplicate", master };
}

async function staysMaster(transaction: DuplicatesTransaction, id: CrashId, other: CrashId): Promise<boolean> {
  if (id > other) return false;
  const own = await readCrash(transaction, id);
  return own !== undefined && own.fixed_version === null;
}

async function claim(transaction: DuplicatesTransaction, question: UsableQuestion, master: CrashId): Promise<void> {
  if (question.addressSignature !== null) await claimAddress(transaction, question.addressSignature, master);
}

async function merge(transaction: DuplicatesTransaction, { loser, master }: Merge, foundBy: CrashId): Promise<void> {
  await moveRows(transaction, loser, master);
  await transaction
    .insertInto("crash_digger_merges")
    .values({ loser, master, found_by: foundBy })
    .onConflict((conflict) => conflict.column("loser").doUpdateSet({ master, found_by: foundBy }))
    .execute();
}

// A batch may be killed after this transaction and before the tracker was told. The merges are remembered, so that
// the next batch, which checks the same report again, hears of them again. Not of those whose loser came back or whose
// master is gone.
async function mergesFoundBy(transaction: DuplicatesTransaction, id: CrashId): Promise<readonly Merge[]> {
  return await transaction
    .selectFrom("crash_digger_merges as merge")
    .innerJoin("crashes as master", "master.crash_id", "merge.master")
    .leftJoin("crashes as loser", "loser.crash_id", "merge.loser")
    .select(["merge.loser", "merge.master"])
    .where("merge.found_by", "=", id)
    .where("loser.crash_id", "is", null)
    .orderBy("merge.loser")
    .execute();
}

async function contradictionsOf(transaction: DuplicatesTransaction, signature: string | null): Promise<string[]> {
  if (signature === null) return [];
  const claims = await withAddress(transaction, signature);
  const first = claims[0];
  if (first === undefined) return [];
  return claims
    .slice(1)
    .map(
      (claimant) =>
        `address signature claimed by both ${name(first)} and ${name(claimant)}: ${quoteSignature(signature)}`,
    );
}

function name({ id, fixedVersion }: Candidate): string {
  if (fixedVersion === null) return `${id} (open)`;
  return `${id} (fixed in ${fixedVersion === "" ? "an unknown version" : quoteSignature(fixedVersion)})`;
}
