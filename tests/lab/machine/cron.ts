import type { Machine } from "./machine.ts";

/** How much faster than in truth cron's minutes pass: one takes three seconds; in the tests' long form a minute. */
const speed = process.env["CRASH_DIGGER_LONG"] === "1" ? 1 : 20;

/**
 * Starts the machine's cron, with the files in /etc/cron.d that are the test's own. Only cron itself sees the hurried
 * clock: it hands no LD_PRELOAD to its jobs.
 */
export async function startCron(machine: Machine): Promise<void> {
  const find = "find / -xdev -name libfaketime.so.1 -path '*/faketime/*' -print -quit";
  const foreign = "rm -f /etc/cron.d/[!c]* /etc/cron.d/c[!r]*; rm -rf /etc/crontab /var/spool/cron/crontabs";
  const found = await machine.run(["sh", "-c", `${foreign}; ${find}`]);
  const library = found.stdout.toString("utf8").trim();
  if (library === "") throw new Error("libfaketime is missing: npm test fetches it");
  machine.start(["/usr/sbin/cron", "-f"], { LD_PRELOAD: library, FAKETIME: `+0 x${speed}` });
}
