import type { Config } from "../config/schema.ts";
import { ServiceFailure } from "../system/failure.ts";
import { silentLog } from "../system/log.ts";
import { describeEnd, run, succeeded } from "../system/process.ts";
import { type LocalTracker, openLocalTracker } from "../tracker/local/local-tracker.ts";
import { openLaunchpad } from "./launchpad.ts";
import type { OpenedTracker, TrackerSurroundings } from "./opened-tracker.ts";
import { pathsOf } from "./paths.ts";

/** The tracker of the configuration. */
export async function openTracker(
  config: Config,
  { log = silentLog, signal = new AbortController().signal, checkFirst }: Partial<TrackerSurroundings> = {},
): Promise<OpenedTracker> {
  const { tracker } = config;
  return tracker.type === "local"
    ? await openLocal(config, checkFirst === true ? { check: "unless-known" } : {})
    : await openLaunchpad(tracker, config, { log, signal });
}

/** The local tracker, with what only it can do. */
export async function openLocal(
  config: Config,
  options: Parameters<typeof openLocalTracker>[1] = {},
): Promise<LocalTracker & AsyncDisposable> {
  const tracker = await openLocalTracker(pathsOf(config).tracker, options);
  const limits = { maxBinaryBytes: config.batch.max_core_bytes };
  return {
    ...tracker,
    submit: (source, options) => tracker.submit(source, { ...limits, ...options }),
    [Symbol.asyncDispose]: () => tracker.close(),
  };
}

/** This machine's architecture, by dpkg's name for it (`amd64`). */
export async function nativeArchitecture(): Promise<string> {
  const result = await run(["dpkg", "--print-architecture"], { deadlineMs: 30_000, maxStdoutBytes: 1024 });
  const name = result.stdout.toString("utf8").trim();
  if (succeeded(result) && /^[a-z0-9-]+$/.test(name)) return name;
  throw new ServiceFailure(`dpkg --print-architecture: ${describeEnd(result)} ${result.stderr}`.trim());
}
