import { resolve } from "node:path";
import type { Config } from "../config/schema.ts";
import { exposition } from "../health/exposition.ts";
import { metricsOf } from "../health/metrics.ts";
import { readHealth } from "../health/read-health.ts";
import { messageOf } from "../system/failure.ts";
import type { Log } from "../system/log.ts";
import { replaceFile } from "../system/replace-file.ts";
import { version } from "../version.ts";
import { healthSources } from "../wiring/health.ts";
import { CliError } from "./exit.ts";

/** How the service is doing, in Prometheus's text format. */
export async function metricsText(config: Config): Promise<string> {
  return exposition(metricsOf(await readHealth(healthSources(config, { online: false })), version));
}

/** Replaces a file with the metrics. @throws CliError when it cannot be written */
export async function writeMetrics(config: Config, path: string): Promise<void> {
  const text = await metricsText(config);
  try {
    // The exporter is another user's process.
    replaceFile(resolve(path), text, 0o644);
  } catch (error) {
    throw new CliError(`the metrics cannot be written: ${messageOf(error)}`);
  }
}

/**
 * After a batch, however it ended: the configured file of metrics. That it cannot be written is told in the log and stops
 * nothing; monitoring sees that the file grows old.
 */
export async function leaveMetrics(config: Config, log: Log): Promise<void> {
  const { textfile } = config.metrics;
  if (textfile === undefined) return;
  try {
    await writeMetrics(config, textfile);
  } catch (error) {
    log.event("the metrics could not be written", { file: textfile, reason: messageOf(error) });
  }
}
