import { once } from "node:events";
import { Command } from "commander";
import type { CrashId } from "../../duplicates/types.ts";
import { exitCode } from "../exit.ts";
import { examplesAndExitCodes } from "../help.ts";
import { printable } from "../printable.ts";
import { parseCrashId, unknownCrash } from "./arguments.ts";
import { crashDetails, crashLine } from "./format-crash.ts";
import { databaseOption, withDuplicates } from "./open-database-option.ts";

type JsonOption = { readonly json?: boolean };

export function dumpCommand(): Command {
  return new Command("dump")
    .description("list every crash: id, state, last change and signature, with tabs between them")
    .addHelpText(
      "after",
      examplesAndExitCodes(
        "crash-digger dupdb dump | cut -f 4 | sort",
        "crash-digger dupdb dump --json -d ./duplicates.db",
      ),
    )
    .addOption(databaseOption())
    .option("--json", "print one JSON object a line")
    .action(async ({ json }: JsonOption, command: Command) => {
      await withDuplicates(command, async (duplicates) => {
        for await (const crash of duplicates.dump()) {
          await print(json === true ? `${JSON.stringify(crash)}\n` : crashLine(crash));
        }
      });
    });
}

export function showCommand(): Command {
  return new Command("show")
    .description("show all that is stored about one crash")
    .addHelpText("after", examplesAndExitCodes("crash-digger dupdb show 1234"))
    .argument("<id>", "crash id", parseCrashId)
    .addOption(databaseOption())
    .option("--json", "print one JSON object")
    .action(async (id: CrashId, { json }: JsonOption, command: Command) => {
      const crash = await withDuplicates(command, (duplicates) => duplicates.details(id));
      if (crash === null) throw unknownCrash(id);
      await print(json === true ? `${JSON.stringify(crash)}\n` : crashDetails(crash));
    });
}

export function checkCommand(): Command {
  return new Command("check")
    .description("check the file itself, and what is in it; exit code 1 when something is wrong")
    .addHelpText(
      "after",
      examplesAndExitCodes("crash-digger dupdb check", "crash-digger dupdb check --json -d ./duplicates.db"),
    )
    .addOption(databaseOption())
    .option("--json", 'print one JSON object: {"ok":…,"problems":[…]}')
    .action(async ({ json }: JsonOption, command: Command) => {
      const problems = await withDuplicates(command, async (duplicates) => {
        await duplicates.integrityCheck();
        return await duplicates.problems();
      });
      if (json === true) await print(`${JSON.stringify({ ok: problems.length === 0, problems })}\n`);
      else await print(problems.length === 0 ? "ok\n" : problems.map((problem) => `${printable(problem)}\n`).join(""));
      if (problems.length > 0) process.exitCode = exitCode.failed;
    });
}

// A dump of a million crashes into a slow pipe: wait for it instead of holding everything in memory.
async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
