import type { CrashHeader } from "../tracker/types.ts";
import { packageVersionOf } from "./package-version.ts";
import type { DiggerServices } from "./services.ts";
import type { Verdict } from "./verdict.ts";

type Known = Extract<Verdict, { kind: "duplicate" }>;

/** Whether a crash is known by the address signature of its own report; null when it is not, or is itself the master. */
export async function knownByAddress(
  header: CrashHeader,
  { duplicates, tracker }: Pick<DiggerServices, "duplicates" | "tracker">,
): Promise<Known | null> {
  const addressSignature = header.fields.get("StacktraceAddressSignature");
  if (addressSignature === undefined || addressSignature === "") return null;
  const question = { id: header.id, addressSignature, packageVersion: packageVersionOf(header.fields) };
  const master = await duplicates.lookupAddress(question, (ids) => tracker.statusOf(ids));
  return master === null || master === header.id ? null : { kind: "duplicate", master };
}
