// crash-digger as its launcher runs it, and at its end the peak of its own memory: in MiB, into the file that PEAK_FILE
// names.
import { writeFileSync } from "node:fs";

process.once("exit", () => {
  const mebibytes = process.resourceUsage().maxRSS / 1024;
  writeFileSync(process.env["PEAK_FILE"] ?? "/dev/stdout", String(mebibytes));
});
await import("../../../src/cli/start.ts");
