import { Command } from "commander";
import { usualExitCodes } from "./help.ts";

const help = `
Metrics for Prometheus, in its text format: the lock, the last batches with their durations and peak memory, the queue,
verdicts, what is set aside, the cache, room on the disks. With "[metrics] textfile" in the configuration each batch
writes them when it ends, for the textfile collector of the node exporter.

Examples:
  crash-digger metrics
  crash-digger metrics --output /var/lib/prometheus/node-exporter/crash-digger.prom
  crash-digger metrics | promtool check metrics
${usualExitCodes}`;

/** `crash-digger metrics`: how the service is doing, for Prometheus. */
export function metricsCommand(): Command {
  return new Command("metrics")
    .description("print metrics for Prometheus, or write them to a file")
    .option("-o, --output <file>", "replace this file with them, as a whole")
    .option("-l, --lock <file>", "lock file (default: the one of the configuration)")
    .addHelpText("after", help)
    .action(async (_options, command: Command) => {
      const [{ configWith }, { metricsText, writeMetrics }] = await Promise.all([
        import("./config-overrides.ts"),
        import("./leave-metrics.ts"),
      ]);
      const { output, ...flags } = command.optsWithGlobals<{ config?: string; lock?: string; output?: string }>();
      const config = configWith(flags);
      if (output === undefined) process.stdout.write(await metricsText(config));
      else await writeMetrics(config, output);
    });
}
