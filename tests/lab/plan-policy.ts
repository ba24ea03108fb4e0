import { parseConfig } from "../../src/config/load.ts";
import { planPolicyOf } from "../../src/wiring/plan-policy.ts";

/** What plans are made by when nothing is configured. */
export const ourPlanPolicy = planPolicyOf(parseConfig("", "no file"));
