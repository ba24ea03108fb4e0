import type { LaunchpadFault } from "../launchpad/launchpad-faults.ts";
import type { LaunchpadLab } from "../launchpad/start-launchpad.ts";
import { randomFrom } from "../random.ts";

type Kind = { readonly fault: LaunchpadFault; readonly route?: RegExp };

const files = /^GET librarian/;
// A file that was spoiled with a length that fits cannot be told from one that was sent so: there is no checksum.
const json = /^(?!GET librarian)/;

/** Every way in which the lab's Launchpad misbehaves, but for tokens that are taken back. */
const kinds: readonly Kind[] = [
  { fault: { kind: "status", status: 502 } },
  { fault: { kind: "status", status: 503 } },
  { fault: { kind: "status", status: 503, headers: { "Retry-After": "900" } } },
  { fault: { kind: "status", status: 429 } },
  { fault: { kind: "status", status: 429, headers: { "Retry-After": "1" } } },
  { fault: { kind: "lost-answer" } },
  { fault: { kind: "reset" } },
  { fault: { kind: "hang" } },
  { fault: { kind: "drip", bytesPerPiece: 400, pauseMs: 20 } },
  { fault: { kind: "concurrent-edit" } },
  { fault: { kind: "malformed-json" }, route: json },
  { fault: { kind: "changed-shape", field: "self_link" }, route: json },
  { fault: { kind: "truncated" }, route: files },
];

/** Names of the kinds, as `faultsUsed` has them. */
export const faultKinds = [...new Set(kinds.map(({ fault }) => fault.kind))].sort();

/** From now on each of the kinds meets one request in twenty. */
export function faultsAtRate(launchpad: LaunchpadLab, seed: number): void {
  for (const [at, { fault, route = /./ }] of kinds.entries()) {
    launchpad.fault({ fault, route, rate: 0.05, seed: `${seed} ${at}` });
  }
}

/** Each of the kinds meets two requests, somewhere. */
export function fewFaults(launchpad: LaunchpadLab, seed: number): void {
  const random = randomFrom("few faults", seed);
  for (const { fault, route = /./ } of kinds) {
    for (const _ of [1, 2]) launchpad.fault({ fault, route, nth: 1 + random.below(route === files ? 4 : 150) });
  }
}
