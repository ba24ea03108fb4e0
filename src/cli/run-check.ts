import { judge } from "../health/judge.ts";
import { type Judgement, type Severity, told, worstOf } from "../health/judgement.ts";
import { type Limits, usualLimits, withLimit } from "../health/limits.ts";
import { readHealth } from "../health/read-health.ts";
import { messageOf } from "../system/failure.ts";
import { healthSources } from "../wiring/health.ts";
import { configWith } from "./config-overrides.ts";
import { CliError, exitCode } from "./exit.ts";
import { pluginLine } from "./plugin-line.ts";

export type CheckFlags = {
  readonly config?: string;
  readonly warning: readonly string[];
  readonly critical: readonly string[];
  readonly lock?: string;
  readonly online?: true;
  readonly json?: true;
};

/** Exit codes by the convention of monitoring plugins. */
const codes: Readonly<Record<Severity, number>> = { ok: 0, warning: 1, critical: 2, unknown: exitCode.unknown };

/** Looks at the service and prints how it is doing; resolves with the exit code, also when nothing can be told. */
export async function runCheck(flags: CheckFlags): Promise<number> {
  const judgements = await judgementsOf(flags);
  const state = worstOf(judgements);
  process.stdout.write(flags.json ? `${JSON.stringify(jsonOf(state, judgements))}\n` : pluginLine(state, judgements));
  return codes[state];
}

// Whatever goes wrong here is the check's own failure, and says nothing about the service.
async function judgementsOf(flags: CheckFlags): Promise<readonly Judgement[]> {
  try {
    const limits = limitsOf(flags);
    const health = await readHealth(healthSources(configWith(flags), { online: flags.online === true }));
    return judge(health, limits);
  } catch (error) {
    return [told("unknown", messageOf(error))];
  }
}

function limitsOf({ warning, critical }: CheckFlags): Limits {
  const warned = warning.reduce<Limits>((limits, text) => limitFrom(limits, "warning", text), usualLimits);
  return critical.reduce<Limits>((limits, text) => limitFrom(limits, "critical", text), warned);
}

function limitFrom(limits: Limits, severity: "warning" | "critical", text: string): Limits {
  const changed = withLimit(limits, severity, text);
  if ("fault" in changed) throw new CliError(`--${severity} ${changed.fault}`);
  return changed;
}

function jsonOf(state: Severity, judgements: readonly Judgement[]): object {
  return {
    state,
    findings: judgements.filter(({ text }) => text !== "").map(({ severity, text }) => ({ state: severity, text })),
    measures: judgements.flatMap(({ measure }) => {
      if (measure === undefined) return [];
      const { unit, warning, critical } = measure.limit;
      return [{ name: measure.name, value: measure.value, unit, warning, critical }];
    }),
  };
}
