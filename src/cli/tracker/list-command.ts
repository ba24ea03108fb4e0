import { Command, Option } from "commander";
import type { ListedCrash } from "../../tracker/local/list-crashes.ts";
import { usualExitCodes } from "../help.ts";
import { printable } from "../printable.ts";
import { renderTable } from "../table.ts";
import { describeStatus } from "./describe-status.ts";
import { jsonLine } from "./json-line.ts";
import { withTracker } from "./with-tracker.ts";

type Flags = { readonly status?: "open" | "fixed" | "invalid"; readonly pending?: true; readonly tag?: string } & {
  readonly json?: true;
};

const help = `
Examples:
  crash-digger list
  crash-digger list --pending                    what waits for the next batch
  crash-digger list --status fixed
  crash-digger list --tag apport-failed-retrace
  crash-digger list --json | jq .title           one JSON object a line
${usualExitCodes}`;

/** `crash-digger list`: the crashes of the local tracker. */
export function listCommand(): Command {
  return new Command("list")
    .description("list the crashes of the tracker")
    .addOption(new Option("--status <status>", "only those with this status").choices(["open", "fixed", "invalid"]))
    .option("--pending", "only those that wait for a retrace or a duplicate check")
    .option("--tag <tag>", "only those with this tag")
    .option("--json", "print one JSON object a line for each crash")
    .addHelpText("after", help)
    .action(async ({ json, ...filter }: Flags, command: Command) => {
      const crashes = await withTracker(command, (tracker) => tracker.list(filter));
      process.stdout.write(json ? crashes.map(jsonLine).join("") : asText(crashes));
    });
}

function asText(crashes: readonly ListedCrash[]): string {
  if (crashes.length === 0) return "no crashes\n";
  const columns = [
    { heading: "ID", align: "right" as const },
    { heading: "STATUS" },
    { heading: "PROGRAM", maxWidth: 40 },
    { heading: "TITLE", maxWidth: 70 },
    { heading: "TAGS", maxWidth: 60 },
  ];
  return renderTable(columns, crashes.map(rowOf));
}

function rowOf(crash: ListedCrash): readonly string[] {
  return [
    String(crash.id),
    crash.duplicateOf === null ? printable(describeStatus(crash.status)) : `duplicate of ${crash.duplicateOf}`,
    printable(crash.program ?? ""),
    printable(crash.title),
    printable(crash.tags.join(" ")),
  ];
}
