import { resolve } from "node:path";
import type { Config } from "../config/schema.ts";
import { withBackupAdvice } from "../maintenance/backup/advice.ts";
import { shellQuoted } from "../system/terminal.ts";
import { backupSettings } from "../wiring/backup.ts";

/** What the command line said that a further command has to say too. */
export type SaidBefore = {
  readonly config?: string | undefined;
  readonly lock?: string | undefined;
  readonly duplicateDb?: string | undefined;
};

/** An error, with the backup that mends it and the very command that puts it back, where a database is damaged. */
export function adviceFor(error: unknown, config: Config, said: SaidBefore): Promise<unknown> {
  return withBackupAdvice(error, backupSettings(config), (words) => commandLine(words, said));
}

function commandLine(words: readonly string[], { config, lock, duplicateDb }: SaidBefore): string {
  const file = (option: string, path: string | undefined): readonly string[] =>
    path === undefined ? [] : [option, resolve(path)];
  const all = ["crash-digger", ...file("--config", config), ...words, ...file("-d", duplicateDb), ...file("-l", lock)];
  return all.map(quoted).join(" ");
}

// To be pasted into a shell.
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : shellQuoted(word);
}
