import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { openLocalTracker } from "../../../src/tracker/local/local-tracker.ts";
import type { CommandLab } from "../command.ts";
import { crashProgram } from "../crash-program.ts";
import type { Lab } from "../lab.ts";
import { pythonReport } from "../python-report.ts";
import { cutCore, makeReport } from "../report.ts";

/**
 * - `traced`: a real core that gdb reads; each is a crash of its own
 * - `duplicate`: a real core that gdb reads; all are one crash
 * - `python`: a traceback, each one of its own; no gdb
 * - `cut off`: half a core, which is invalid
 */
export type SoakKind = "traced" | "duplicate" | "python" | "cut off";

/** The reports of each kind, as Apport would have written them. */
export type SoakReports = Readonly<Record<SoakKind, Buffer>>;

/** Lets a real program crash and a real script fail, once each: a thousand crashes of a kind differ in one field. */
export async function soakReports(lab: Lab): Promise<SoakReports> {
  const { workers } = lab.programs;
  const { installedPath, name, version } = workers.recipe;
  const core = await crashProgram(workers, lab.folder);
  const recipe = { core, executablePath: installedPath, package: `${name} ${version}`, release: lab.release };
  const half = Math.floor((await stat(core)).size / 2);
  const attachedCore = await cutCore(core, half, join(lab.folder, "half.core"));
  const whole = await readFile(await makeReport(recipe, join(lab.folder, "soak.crash")));
  const cut = await readFile(await makeReport({ ...recipe, attachedCore }, join(lab.folder, "soak-cut.crash")));
  const script = { scriptPath: join(lab.folder, "opt", "soak.py"), package: "soak 1.0-1", release: lab.release };
  const python = await readFile(await pythonReport(script, join(lab.folder, "soak-python.crash")));
  return { traced: whole, duplicate: whole, python, "cut off": cut };
}

/** Files one crash for each of the kinds, in this order. */
export async function fileSoakCrashes(
  { stateFolder }: CommandLab,
  lab: Lab,
  reports: SoakReports,
  kinds: readonly SoakKind[],
): Promise<void> {
  const tracker = await openLocalTracker(join(stateFolder, "tracker"));
  try {
    for (const [at, kind] of kinds.entries()) {
      const source = Readable.from([Buffer.from(fieldOfItsOwn(kind, at)), reports[kind]]);
      const result = await tracker.submit(source, { hostArchitecture: lab.architecture });
      if (result.kind === "refused") throw new Error(`${kind}: ${result.fault.message}`);
    }
  } finally {
    await tracker.close();
  }
}

// A package's hook may set the first, and it stands above every signature that is made of the trace. The second stays as the
// client computed it, or else the trace's own would show that it is one crash after all.
function fieldOfItsOwn(kind: SoakKind, at: number): string {
  if (kind === "duplicate") return "";
  const address = kind === "traced" ? `StacktraceAddressSignature: /opt/soak:11:/opt/soak+${at}\n` : "";
  return `DuplicateSignature: soak ${at}\n${address}`;
}
