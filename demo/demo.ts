import { spawnSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { makeCrashes } from "./crashes.ts";
import { writeDemoConfig } from "./demo-config.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "build", "demo");

process.exitCode = await demo();

/** Real crashes of this machine through the real command: submitted, one batch, a table. */
async function demo(): Promise<number> {
  // What was downloaded stays, so that the second time is quick; everything else is made anew.
  for (const name of ["state", "releases", "archive", "crashes"])
    await rm(join(folder, name), { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  say("Crashing programs of this machine, and packaging one of our own in a signed archive …");
  const { reports, archive } = await makeCrashes(folder);
  const config = await writeDemoConfig(folder, archive);
  const command = ["--config", relative(root, config)];
  say(`\n$ bin/crash-digger ${command.join(" ")} submit ${reports.map((path) => relative(root, path)).join(" ")}`);
  const submitted = crashDigger([...command, "submit", ...reports]);
  if (submitted !== 0) return submitted;
  say(`\n$ bin/crash-digger ${command.join(" ")} run`);
  const code = crashDigger([...command, "run", "--format", "table"]);
  if (code !== 0) return explain(code, command);
  say(`\nLook at one of them:     bin/crash-digger ${command.join(" ")} show 2`);
  say(`Retrace it by hand:      bin/crash-digger ${command.join(" ")} retrace -s ${relative(root, reports[0] ?? "")}`);
  say(`See how it all stands:   bin/crash-digger ${command.join(" ")} status`);
  return 0;
}

function explain(code: number, command: readonly string[]): number {
  say("\nThe batch stopped; the reason is above, with what to do about it. When it is the package archive that cannot");
  say("be reached (the sources in /etc/apt): connect the machine to the network, and run the demo again.");
  say(`A failed batch keeps its lock on purpose; "bin/crash-digger ${command.join(" ")} unlock" takes it away.`);
  return code;
}

function crashDigger(args: readonly string[]): number {
  const result = spawnSync(join(root, "bin", "crash-digger"), args, { stdio: "inherit", cwd: root });
  return result.status ?? 1;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
