import { type Clock, systemClock } from "../../../src/system/clock.ts";
import { lineLog } from "../../../src/system/log.ts";
import { launchpadClient } from "../../../src/tracker/launchpad/client/client.ts";
import { parseCredentials } from "../../../src/tracker/launchpad/client/credentials.ts";
import type { Limits } from "../../../src/tracker/launchpad/client/limits.ts";
import type { LaunchpadClient } from "../../../src/tracker/launchpad/client/types.ts";
import { EarlierMasters } from "../../../src/tracker/launchpad/earlier-masters.ts";
import { launchpadTracker } from "../../../src/tracker/launchpad/launchpad-tracker.ts";
import type { Target } from "../../../src/tracker/launchpad/target.ts";
import type { Tracker } from "../../../src/tracker/types.ts";
import type { CredentialsOptions } from "../launchpad/controls.ts";
import type { LaunchpadLab } from "../launchpad/start-launchpad.ts";

/** A tracker on a loopback Launchpad, and what it says in its log. */
export type TrackerOnLaunchpad = {
  readonly tracker: Tracker;
  readonly log: readonly string[];
  /** Time passes: what was seen before is no longer believed. */
  forget(): void;
  /** The batch has come to its end: what was seen of masters is kept. */
  end(): void;
};

export type TrackerOptions = {
  readonly target?: Target;
  readonly token?: CredentialsOptions;
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
  /** Where what was seen of masters is kept for later batches; nowhere unless told. */
  readonly mastersPath?: string;
  /** The machine's own unless told. */
  readonly clock?: Clock;
};

/** Opens a tracker that works as the seed's retracer, on Ubuntu unless told. Its client never waits. */
export function trackerOn(lab: LaunchpadLab, options: TrackerOptions = {}): TrackerOnLaunchpad {
  let later = 0;
  const { clock: own = systemClock } = options;
  const clock: Clock = { now: () => own.now(), monotonicMs: () => own.monotonicMs() + later };
  const log: string[] = [];
  const target: Target = options.target ?? { kind: "distribution", name: "ubuntu" };
  const client = clientOf(lab, clock, log, options);
  const lines = lineLog((line) => log.push(line), clock, true);
  const { mastersPath: path } = options;
  const earlier = new EarlierMasters(path === undefined ? null : { path, target: target.name, clock, log: lines });
  return {
    tracker: launchpadTracker({
      client,
      target,
      maxCoreBytes: 1024 ** 3,
      earlier,
      clock,
      log: lines,
    }),
    log,
    forget: () => {
      later += 3_600_000;
    },
    end: () => earlier.save(),
  };
}

/** A client that works as the seed's retracer unless told, and never waits. */
export function clientOf(
  lab: Pick<LaunchpadLab, "credentials" | "webUrl">,
  clock: Clock,
  log: string[],
  { token, limits = {}, signal = new AbortController().signal }: TrackerOptions,
): LaunchpadClient {
  const credentials = parseCredentials(lab.credentials(token));
  if ("fault" in credentials) throw new Error(credentials.fault);
  return launchpadClient({
    root: lab.webUrl,
    credentials,
    userAgent: "crash-digger-tests",
    clock,
    chance: () => 0,
    pause: async () => {},
    log: lineLog((line) => log.push(line), clock, true),
    signal,
    limits,
  });
}
