// `npm run chaos -- [CRASHES [STRIKES]]`: the long form of tests/faults/chaos.test.ts. CRASH_DIGGER_SEED repeats a run.
import { spawnSync } from "node:child_process";
import { seedOfRun } from "../random.ts";
import { chaosCommand } from "./chaos-command.ts";

const [crashes = 3000, strikes = 400] = process.argv.slice(2).map(Number);
const seed = seedOfRun();
process.stdout.write(`chaos: ${crashes} crashes, ${strikes} strikes, CRASH_DIGGER_SEED=${seed}\n`);
const [program, ...words] = chaosCommand({ seed, crashes, strikes });
const { status } = spawnSync(program, words, { stdio: "inherit" });
process.stdout.write(status === 0 ? "All is as if nothing had happened.\n" : `Repeat with CRASH_DIGGER_SEED=${seed}\n`);
process.exitCode = status ?? 1;
