import { medianUsage } from "../measure.ts";
import type { RowMaker } from "../row.ts";

/** How long the command takes to say its version: what every call pays. */
export const start: RowMaker = {
  name: "start",
  measure: async ({ launcher, folder }) => {
    const usage = await medianUsage([launcher, "--version"], folder, 11);
    const ms = Math.round(usage.wallS * 1000);
    return [
      {
        name: "crash-digger --version",
        measured: `${ms} ms, ${usage.peakMiB.toFixed(0)} MiB`,
        against: "-",
        goal: "< 150 ms",
        met: ms < 150,
        figures: { wallMs: ms, peakMiB: usage.peakMiB },
      },
    ];
  },
};
