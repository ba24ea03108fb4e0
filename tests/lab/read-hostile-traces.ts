import { everyTraceRule } from "./every-trace-rule.ts";
import { hostileTraces } from "./hostile-traces.ts";

// Run as a program of its own: a rule that takes quadratic time blocks its whole process, test time-outs included.
for (const [name, text] of hostileTraces(Number(process.argv[2]))) {
  everyTraceRule(text);
  process.stdout.write(`${name}\n`);
}
