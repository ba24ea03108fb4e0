import type { Config } from "../config/schema.ts";
import { ServiceFailure } from "../system/failure.ts";
import { describeEnd, run, succeeded } from "../system/process.ts";
import { type LocalTracker, openLocalTracker } from "../tracker/local/local-tracker.ts";
import { pathsOf } from "./paths.ts";

/** The tracker of the configuration; to be used with `await using`. */
export async function openTracker(config: Config): Promise<LocalTracker & AsyncDisposable> {
  const tracker = await openLocalTracker(pathsOf(config).tracker);
  return { ...tracker, [Symbol.asyncDispose]: () => tracker.close() };
}

/** This machine's architecture, by dpkg's name for it (`amd64`). */
export async function nativeArchitecture(): Promise<string> {
  const result = await run(["dpkg", "--print-architecture"], { deadlineMs: 30_000, maxStdoutBytes: 1024 });
  const name = result.stdout.toString("utf8").trim();
  if (succeeded(result) && /^[a-z0-9-]+$/.test(name)) return name;
  throw new ServiceFailure(`dpkg --print-architecture: ${describeEnd(result)} ${result.stderr}`.trim());
}
