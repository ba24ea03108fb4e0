// Runs inside a mount namespace of its own (main.ts): a number for each of seed, crashes and strikes.
import { chaos } from "./chaos.ts";

const [seed = 1, crashes = 1, strikes = 1] = process.argv.slice(2).map(Number);
const complaints = await chaos({ seed, crashes, strikes, tell: (line) => void process.stdout.write(`${line}\n`) });
for (const complaint of complaints) process.stdout.write(`WRONG: ${complaint}\n`);
process.exitCode = complaints.length === 0 ? 0 : 1;
