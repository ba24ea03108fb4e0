import type { Config } from "../config/schema.ts";
import { systemClock } from "../system/clock.ts";
import { ServiceFailure } from "../system/failure.ts";
import { readCredentials } from "../tracker/launchpad/client/credentials-file.ts";
import type { LaunchpadClient } from "../tracker/launchpad/client/types.ts";
import { EarlierMasters } from "../tracker/launchpad/earlier-masters.ts";
import { launchpadTracker } from "../tracker/launchpad/launchpad-tracker.ts";
import type { Target } from "../tracker/launchpad/target.ts";
import { clientFor } from "./launchpad-client.ts";
import type { OpenedTracker, TrackerSurroundings } from "./opened-tracker.ts";
import { pathsOf } from "./paths.ts";

type LaunchpadConfig = Extract<Config["tracker"], { type: "launchpad" }>;

/**
 * Launchpad as the configuration names it. Nothing is asked yet; `integrityCheck` asks whose the token is.
 *
 * @throws ServiceFailure when the credentials cannot be used.
 */
export async function openLaunchpad(
  tracker: LaunchpadConfig,
  config: Config,
  { log, signal }: TrackerSurroundings,
): Promise<OpenedTracker> {
  const stop = new AbortController();
  const client = await clientOf(tracker, { log, signal: AbortSignal.any([signal, stop.signal]) });
  const target = targetOf(tracker);
  const earlier = new EarlierMasters({
    path: pathsOf(config).masters,
    target: `${tracker.api} ${target.kind} ${target.name}`,
    clock: systemClock,
    log,
  });
  const port = launchpadTracker({
    client,
    target,
    maxCoreBytes: config.batch.max_core_bytes,
    earlier,
    clock: systemClock,
    log,
  });
  return {
    ...port,
    integrityCheck: async () => log.event("working on Launchpad", { as: await client.whoAmI(), api: tracker.api }),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      earlier.save();
    },
  };
}

/**
 * A client of the configured web service, with the retracer's token.
 *
 * @throws ServiceFailure when the credentials cannot be used.
 */
export async function clientOf(tracker: LaunchpadConfig, surroundings: TrackerSurroundings): Promise<LaunchpadClient> {
  return clientFor(tracker.api, await readCredentials(credentialsOf(tracker)), surroundings);
}

function credentialsOf({ credentials }: LaunchpadConfig): string {
  if (credentials !== undefined) return credentials;
  throw new ServiceFailure("no Launchpad credentials are configured", {
    remedy: 'Make a file with "crash-digger launchpad login", and name it: tracker.credentials, or run --auth FILE.',
  });
}

/** Whose bugs are worked on. */
export function targetOf({ distribution, project }: LaunchpadConfig): Target {
  if (distribution !== undefined) return { kind: "distribution", name: distribution };
  if (project !== undefined) return { kind: "project", name: project };
  throw new Error("the configuration was accepted without a distribution or a project");
}
