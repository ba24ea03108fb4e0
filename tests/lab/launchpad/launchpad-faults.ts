import type { Fault } from "../faults.ts";
import { type Random, randomFrom } from "../random.ts";

/** A way in which the web service misbehaves: as a mirror does, or in ways of its own. */
export type LaunchpadFault =
  | Fault
  /** What was asked for is done, and the connection reset before the answer. */
  | { readonly kind: "lost-answer" }
  /** The answer's JSON ends in its middle, with a length that fits. */
  | { readonly kind: "malformed-json" }
  /** Somebody else edits the bug, or the task, just before the request is carried out. */
  | { readonly kind: "concurrent-edit" }
  /** Something else happens just before the request is carried out. */
  | { readonly kind: "meanwhile"; readonly change: () => void }
  /** From this request on all tokens are expired, until the fault is ended. */
  | { readonly kind: "revoked-token" }
  /** A field is missing wherever it occurs in the answer, or has another value. */
  | { readonly kind: "changed-shape"; readonly field: string; readonly to?: unknown };

/** Which requests a fault meets. What is left out does not matter. */
export type FaultRule = {
  readonly fault: LaunchpadFault;
  /** `GET bug`, `POST bug newMessage`, `GET librarian`, …, as `hits()` names them; a text means exactly this one. */
  readonly route?: string | RegExp;
  /** Path of the address. */
  readonly path?: RegExp;
  /** Only from the n-th such request on; 1 unless told. */
  readonly nth?: number;
  /** After so many the server behaves again: once unless told, for ever with a rate. */
  readonly times?: number;
  /** Not each of them, but by chance: 0.05 is one in twenty. The same seed gives the same requests. */
  readonly rate?: number;
  readonly seed?: string | number;
};

type ActiveRule = { readonly rule: FaultRule; readonly random: Random; seen: number; timesLeft: number };

/** The rules that are in force. Of several that fit the youngest one wins. */
export type Faults = {
  /** @returns a function that ends it. */
  add(rule: FaultRule): () => void;
  /** The fault for a request, null when it is to be answered rightly. */
  take(route: string, path: string): LaunchpadFault | null;
  /** How often a fault was used, by kind. */
  used(): Readonly<Record<string, number>>;
};

export function makeFaults(): Faults {
  const rules: ActiveRule[] = [];
  const used: Record<string, number> = {};
  return {
    add: (rule) => {
      const timesLeft = rule.times ?? (rule.rate === undefined ? 1 : Infinity);
      const active = { rule, random: randomFrom(rule.seed ?? "launchpad"), seen: 0, timesLeft };
      rules.unshift(active);
      return () => {
        active.timesLeft = 0;
      };
    },
    take: (route, path) => {
      const chosen = rules.filter((active) => isMet(active, route, path))[0];
      if (chosen === undefined) return null;
      chosen.timesLeft -= 1;
      const { fault } = chosen.rule;
      used[fault.kind] = (used[fault.kind] ?? 0) + 1;
      return fault;
    },
    used: () => ({ ...used }),
  };
}

// Every rule that fits counts the request, so that the n-th is the n-th, whatever else goes on.
function isMet(active: ActiveRule, route: string, path: string): boolean {
  const { rule, random } = active;
  if (active.timesLeft <= 0 || !fits(rule, route, path)) return false;
  active.seen += 1;
  if (active.seen < (rule.nth ?? 1)) return false;
  return rule.rate === undefined || random.below(1_000_000) < rule.rate * 1_000_000;
}

function fits({ route, path }: FaultRule, ofRequest: string, itsPath: string): boolean {
  if (path !== undefined && !path.test(itsPath)) return false;
  return route === undefined || (typeof route === "string" ? route === ofRequest : route.test(ofRequest));
}
