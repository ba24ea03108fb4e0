import type { SettledCrash } from "../duplicates/types.ts";
import { addressSignatureOf } from "../trace/address-signature-of.ts";
import { signatureOf } from "../trace/signature-of.ts";
import type { ReportFields } from "../trace/types.ts";
import { isPendingTag } from "../tracker/marks.ts";
import type { CrashHeader, CrashId } from "../tracker/types.ts";
import type { DiggerServices } from "./services.ts";

// Our clock and the tracker's are not the same, and a check is stored some time before the tracker is told.
const overlapMs = 3600_000;

/**
 * Tells a duplicate database of some days ago what has been decided since, as the tracker shows it: the masters first,
 * then their duplicates. What is pending is left to the batch, which decides it in a moment.
 *
 * @returns how many crashes were learnt
 */
export async function catchUpDuplicates(services: DiggerServices, since: Date, signal: AbortSignal): Promise<number> {
  const { tracker, duplicates } = services;
  const setAside = new Set((await services.state.allAside()).map(({ crash }) => crash));
  const later: SettledCrash[] = [];
  let learnt = 0;
  for (const id of await tracker.changedSince(new Date(since.getTime() - overlapMs))) {
    signal.throwIfAborted();
    const crash = await settledCrash(id, setAside, services);
    if (crash === null) continue;
    if (crash.duplicateOf !== null) later.push(crash);
    else if (await duplicates.learn(crash)) learnt += 1;
  }
  for (const crash of later) if (await duplicates.learn(crash)) learnt += 1;
  return learnt;
}

async function settledCrash(
  id: CrashId,
  setAside: ReadonlySet<CrashId>,
  { tracker, resolveLink }: DiggerServices,
): Promise<SettledCrash | null> {
  const answer = await tracker.header(id);
  if (answer.kind === "absent" || willBeDecided(answer.header, setAside)) return null;
  const { fields, status, duplicateOf } = answer.header;
  const signature = signatureOf(fields, resolveLink);
  return { id, signature, addressSignature: addressesIn(fields), status, duplicateOf };
}

function willBeDecided({ id, tags, status, duplicateOf }: CrashHeader, setAside: ReadonlySet<CrashId>): boolean {
  const isPending = duplicateOf === null && status.kind === "open" && tags.some(isPendingTag);
  return isPending && !setAside.has(id);
}

function addressesIn(fields: ReportFields): string | null {
  const told = fields.get("StacktraceAddressSignature");
  if (told !== undefined) return told;
  const made = addressSignatureOf(fields);
  return made.kind === "signature" ? made.signature : null;
}
