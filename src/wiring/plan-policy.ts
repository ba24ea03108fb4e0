import type { Config } from "../config/schema.ts";
import type { PlanPolicy } from "../digger/plan-policy.ts";

/** What `[triage]` and `[texts]` of the configuration mean for plans. */
export function planPolicyOf({ triage, texts }: Config): PlanPolicy {
  const { team, release_prefix, escalation_tag, escalation_team, escalation_from } = triage;
  return {
    triage: team === "" ? null : { team, releasePrefix: release_prefix },
    escalation:
      escalation_tag === undefined
        ? null
        : { tag: escalation_tag, team: escalation_team === "" ? null : escalation_team, from: escalation_from },
    texts,
  };
}
