import { statSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";
import { usesChroots } from "../config/environment.ts";
import { ConfigError, defaultConfigPath, loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { examine, ok, problem } from "../doctor/answers.ts";
import { machineChecks, type ServiceSettings, serviceChecks } from "../doctor/checks.ts";
import type { Answer, Check, Finding, Outcome } from "../doctor/types.ts";
import { systemClock } from "../system/clock.ts";
import { minimalEnvironment } from "../system/process.ts";
import { nativeArchitecture, openTracker } from "../wiring/open.ts";
import { pathsOf } from "../wiring/paths.ts";
import { exitCode } from "./exit.ts";
import { printable } from "./printable.ts";

export type DoctorFlags = { readonly config?: string; readonly online?: true; readonly json?: true };

/** Carries out all checks and prints what they find; resolves with the exit code. */
export async function runDoctor(flags: DoctorFlags): Promise<number> {
  const findings: Finding[] = [];
  for (const check of await allChecks(flags)) {
    const finding = await examine(check);
    findings.push(finding);
    if (!flags.json) process.stdout.write(lineOf(finding));
  }
  const healthy = findings.every(({ outcome }) => outcome !== "problem");
  if (flags.json) process.stdout.write(`${JSON.stringify({ healthy, findings })}\n`);
  return healthy ? exitCode.ok : exitCode.failed;
}

async function allChecks(flags: DoctorFlags): Promise<readonly Check[]> {
  const machine = machineChecks({
    searchPath: minimalEnvironment["PATH"] ?? "",
    architecture: nativeArchitecture,
    clock: systemClock,
    installedAt: statSync(join(import.meta.dirname, "..", "..", "package.json")).mtime,
  });
  const { check, config } = configuration(flags.config);
  if (config === null) return [...machine, check];
  return [...machine, check, ...(await serviceChecks(await settingsOf(config, flags)))];
}

// With a configuration that is wrong nobody can tell what the rest would be: only its faults are shown.
function configuration(path: string | undefined): { readonly check: Check; readonly config: Config | null } {
  const name = "configuration";
  try {
    const config = loadConfig(path);
    return { check: { name, look: () => ok(path ?? defaultConfigPath()) }, config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const faults = error.message.replaceAll("\n", "; ");
    return {
      check: { name, look: () => problem(faults, "Mend the file; `crash-digger config check`.") },
      config: null,
    };
  }
}

async function settingsOf(config: Config, flags: DoctorFlags): Promise<ServiceSettings> {
  const { releases } = config;
  const archive = {
    releases: releases === "system" ? { kind: "system" as const } : { kind: "folder" as const, path: releases },
    // Where dpkg does not work, the check of that name says so; apt then knows the name no better.
    architecture: await nativeArchitecture().catch(() => "unknown"),
    online: flags.online === true,
    timeoutMs: config.symbols.apt_timeout_s * 1000,
  };
  return {
    stateFolder: config.state_dir,
    cacheFolder: config.cache_dir,
    paths: pathsOf(config),
    checkTracker: config.tracker.type === "local" ? null : () => reachTracker(config),
    archive: config.symbols.sources.includes("archive") ? archive : null,
    usesChroots: usesChroots(config),
  };
}

async function reachTracker(config: Config): Promise<Answer> {
  await using tracker = await openTracker(config);
  await tracker.integrityCheck();
  return ok(`${tracker.name} takes our credentials`);
}

const colours: Readonly<Record<Outcome, "green" | "yellow" | "red">> = {
  ok: "green",
  warning: "yellow",
  problem: "red",
};

function lineOf({ check, outcome, found, remedy }: Finding): string {
  const advice = remedy === null ? "" : `. What to do: ${printable(remedy)}`;
  return `${styleText(colours[outcome], outcome.padEnd(7))}  ${printable(check)}: ${printable(found)}${advice}\n`;
}
