import { addressOf } from "./frame-line.ts";
import { type BadMapsLine, placesInMaps } from "./process-maps.ts";
import { linesOf } from "./text.ts";
import type { ReportFields } from "./types.ts";

export type AddressSignature =
  | { readonly kind: "signature"; readonly signature: string }
  | { readonly kind: "none" }
  | BadMapsLine;

/**
 * The crash's address signature, version 1: where in which files the frames lie. It needs no debug symbol, so
 * that a client can ask for known crashes before it uploads anything.
 *
 * Made of ProcMaps, Stacktrace, Signal and ExecutablePath. The maps are read when there is an address to look up;
 * a line in them of a shape that the kernel does not write puts every offset in doubt: `bad-maps`.
 */
export function addressSignatureOf(fields: ReportFields): AddressSignature {
  const maps = fields.get("ProcMaps");
  const stacktrace = fields.get("Stacktrace");
  const prefix = [fields.get("ExecutablePath"), fields.get("Signal")];
  if (maps === undefined || stacktrace === undefined || prefix.includes(undefined)) return { kind: "none" };
  // A client that could not read the maps puts the reason in their place.
  if (maps.startsWith("Error: ")) return { kind: "none" };
  const addresses = addressesOf(stacktrace);
  if (addresses.length === 0) return { kind: "none" };
  const found = placesInMaps(maps, addresses);
  if (found.kind === "bad-maps") return found;
  const places = significantPlaces(found.places);
  return places === null ? { kind: "none" } : { kind: "signature", signature: [...prefix, ...places].join(":") };
}

const enoughResolved = 15;
const lowestAddress = 0x1000n;

// A few frames outside every file are forgiven, one to four resolved ones. With at most fifteen resolved, the
// fourth failure makes it none whatever follows; so no address after the nineteenth can matter.
const mostFailed = 4;

// Without debug symbols gdb's unwinding goes astray and makes up frames at addresses like 0x1 or 0x30.
function addressesOf(stacktrace: string): readonly bigint[] {
  const addresses: bigint[] = [];
  for (const line of linesOf(stacktrace)) {
    const address = addressOf(line);
    if (address !== null && address >= lowestAddress) addresses.push(address);
    if (addresses.length >= enoughResolved + mostFailed) break;
  }
  return addresses;
}

// Unwinding drops some five frames of a short trace, hence the minimum; past fifteen frames there is only noise.
function significantPlaces(places: readonly (string | null)[]): readonly string[] | null {
  const resolved: string[] = [];
  let failed = 0;
  for (const place of places) {
    if (place === null) failed += 1;
    else resolved.push(place);
    if (resolved.length >= enoughResolved) break;
  }
  if (resolved.length < failed * mostFailed) return null;
  return resolved.length < (failed === 0 ? 3 : 6) ? null : resolved;
}
