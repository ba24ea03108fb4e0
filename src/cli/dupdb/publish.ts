import type { Command } from "commander";
import { adviceFor } from "../backup-advice.ts";
import { configWith } from "../config-overrides.ts";
import { exitCode } from "../exit.ts";
import { asService } from "../tell-people.ts";
import { withDuplicates } from "./open-database-option.ts";

/** Publishes the duplicate database; resolves with the exit code. A failure is told as that of a batch is. */
export async function publishAsService(folder: string, command: Command): Promise<number> {
  const flags = command.optsWithGlobals<{ readonly config?: string; readonly duplicateDb?: string }>();
  const config = configWith(flags);
  const work = (): Promise<number> => publish(command, folder);
  return await asService("dupdb publish", config, work, { explain: (error) => adviceFor(error, config, flags) });
}

async function publish(command: Command, folder: string): Promise<number> {
  const { signatures, addresses, leftOut } = await withDuplicates(command, (duplicates) => duplicates.publish(folder));
  const note = leftOut === 0 ? "" : `; ${leftOut} left out because they do not fit on a line`;
  process.stdout.write(`published ${signatures} signatures and ${addresses} address signatures${note}\n`);
  return exitCode.ok;
}
