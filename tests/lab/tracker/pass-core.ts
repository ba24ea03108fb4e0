// A process of its own, so that its peak memory is that of the tracker and nothing else:
// files the report in a new tracker in the folder, reads the core back, and tells its size and the peak.
import { join } from "node:path";
import { openLocalTracker } from "../../../src/tracker/local/local-tracker.ts";

const [folder = "", report = ""] = process.argv.slice(2);
const tracker = await openLocalTracker(join(folder, "tracker"));
const filed = await tracker.submit(report, { hostArchitecture: "amd64" });
let coreBytes = 0;
const core = filed.kind === "filed" ? await tracker.openCore(filed.id) : null;
for await (const piece of core ?? []) coreBytes += (piece as Buffer).length;
await tracker.close();
const peakMebibytes = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(JSON.stringify({ coreBytes, peakMebibytes }));
