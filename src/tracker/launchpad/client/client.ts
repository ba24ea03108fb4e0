import type { Clock } from "../../../system/clock.ts";
import type { Log } from "../../../system/log.ts";
import { type Addresses, addressesFrom } from "./addresses.ts";
import { change } from "./change.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import type { Credentials } from "./credentials.ts";
import { download } from "./download.ts";
import { foreignWordsWithout } from "./foreign-words.ts";
import { type Limits, usualLimits } from "./limits.ts";
import { post } from "./post.ts";
import { get, list } from "./read.ts";
import type { LaunchpadClient } from "./types.ts";
import { upload } from "./upload.ts";
import { whoAmI } from "./who-am-i.ts";
import type { Wire } from "./wire.ts";

export type ClientOptions = {
  /** The web service's address without version, `https://api.launchpad.net/`; http for loopback only. */
  readonly root: string;
  /** Null to read what is public. */
  readonly credentials: Credentials | null;
  /** What we call ourselves to the server. */
  readonly userAgent: string;
  readonly clock: Clock;
  /** From 0 to below 1, as Math.random. */
  readonly chance: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly limits?: Partial<Limits>;
};

/**
 * A client of one Launchpad's web service. Nothing is asked yet.
 *
 * @throws ServiceFailure when the root is no https address (nor one of this machine).
 */
export function launchpadClient(options: ClientOptions): LaunchpadClient {
  const wire = wireFor(options);
  return {
    url: (version, path) => wire.addresses.api(`${version}/${path}`, wire.addresses.root).href,
    get: (url, schema) => get(url, schema, wire),
    list: (url, schema) => list(url, schema, wire),
    change: (entry, schema, wanted) => change(entry, schema, wanted, wire),
    post: (url, operation, args, isThere) => post(url, operation, args, isThere, wire),
    upload: (bugUrl, file, isThere) => upload(bugUrl, file, isThere, wire),
    download: (url, maxBytes) => download(url, maxBytes, wire),
    whoAmI: () => whoAmI(wire),
  };
}

/** Options made complete. */
export function wireFor({ root, limits: own, ...rest }: ClientOptions): Wire {
  const addresses: Addresses = addressesFrom(root);
  const limits = { ...usualLimits, ...own };
  return {
    ...rest,
    addresses,
    limits,
    words: foreignWordsWithout(rest.credentials),
    breakers: {
      api: new CircuitBreaker(addresses.root.host, limits, rest.clock),
      files: new CircuitBreaker("the host of Launchpad's files", limits, rest.clock),
    },
  };
}
