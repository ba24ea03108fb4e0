import { Command } from "commander";
import { isInternalField } from "../../report/field-names.ts";
import type { LocalCrash } from "../../tracker/local/read-crash.ts";
import type { CrashId } from "../../tracker/types.ts";
import { CliError } from "../exit.ts";
import { usualExitCodes } from "../help.ts";
import { printable, printableLines } from "../printable.ts";
import { noSuchCrash, parseCrashId } from "./crash-id.ts";
import { jsonLine } from "./json-line.ts";
import { withTracker } from "./with-tracker.ts";

const help = `
Examples:
  crash-digger show 12
  crash-digger show 12 --field ThreadStacktrace
  crash-digger show 12 --field Manifest.json
  crash-digger show 12 --json | jq .tags
${usualExitCodes}`;

/** `crash-digger show ID`: one crash with its trace. */
export function showCommand(): Command {
  return new Command("show")
    .description("show a crash: status, duplicates, trace, modules, comments")
    .argument("<id>", "number of the crash", parseCrashId)
    .option("--field <name>", "print one field or attachment only")
    .option("--json", "print one JSON object with every field and attachment")
    .addHelpText("after", help)
    .action(async (id: CrashId, options: { field?: string; json?: true }, command: Command) => {
      const crash = await withTracker(command, (tracker) => tracker.show(id));
      if (crash === null) throw noSuchCrash(id);
      process.stdout.write(await output(crash, options));
    });
}

async function output(crash: LocalCrash, options: { field?: string; json?: true }): Promise<string> {
  if (options.field !== undefined) return fieldText(crash, options.field);
  if (options.json) return jsonLine(asJson(crash));
  const { renderCrash } = await import("./show-crash.ts");
  return renderCrash(crash);
}

function fieldText(crash: LocalCrash, name: string): string {
  const text = (isInternalField(name) ? undefined : crash.header.fields.get(name)) ?? crash.attachmentTexts.get(name);
  if (text === undefined) throw new CliError(`crash ${crash.header.id} has no field or attachment ${printable(name)}`);
  return text.endsWith("\n") ? printableLines(text) : `${printableLines(text)}\n`;
}

function asJson(crash: LocalCrash): object {
  const { header, attachmentTexts, ...rest } = crash;
  const shown = [...header.fields].filter(([name]) => !isInternalField(name));
  return {
    ...header,
    ...rest,
    fields: Object.fromEntries(shown),
    attachments: header.attachments.map((each) => ({ ...each, text: attachmentTexts.get(each.name) ?? null })),
  };
}
