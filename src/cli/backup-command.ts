import { Argument, Command, InvalidArgumentError } from "commander";
import type { BackupFlags } from "./backup-actions.ts";
import type { RestoreFlags } from "./restore-action.ts";

const help = `
Copies state.db, duplicates.db and the local tracker's database, reads each copy from beginning to end, compresses it,
and keeps the last one of each of the last 7 days, 4 weeks and 12 months ([backup] of the configuration). Batches go on
meanwhile. cron or a timer calls it once a day; nothing is printed on stderr unless a person has to act.

Examples:
  crash-digger backup
  crash-digger backup list
  crash-digger backup verify                      read every backup: could it be put back?
  crash-digger backup restore                     put back what is damaged or gone
  crash-digger backup -d /srv/duplicates.db       the database that "run -d" names

Exit codes: 0 done, or another backup is under way; 1 a failure (who reads stderr is told why); 2 wrong usage.`;

const listHelp = `
Examples:
  crash-digger backup list
  crash-digger backup list --json | jq -r .backups[0].takenAt

Exit codes: 0 done; 1 not possible (the reason is printed); 2 wrong usage.`;

const verifyHelp = `
Unpacks each backup and reads its databases. It takes as much room as the largest of them, in the folder of backups.

Examples:
  crash-digger backup verify
  crash-digger backup verify --at 2026-11-28      the newest one that was taken by the end of that day

Exit codes: 0 all of them are good; 1 one is not (the reason is printed), or there is none; 2 wrong usage.`;

const restoreHelp = `
Puts databases back: those that are named, else those that are damaged or gone. A backup is unpacked and read before
anything is replaced, and what is replaced is kept beside it (….db.replaced-…). Nothing is done while a batch runs, and
no batch runs meanwhile; the lock of a batch that failed stays. The next batch catches up with the tracker.

DATE is a day (2026-11-28: until its end, UTC), a time (2026-11-28T03:10:00Z) or a backup's name; the newest backup
taken by then is put back. Without it: the newest good one.

Examples:
  crash-digger backup restore                     what is damaged, from the newest good backup
  crash-digger backup restore duplicates --at 2026-11-28
  crash-digger unlock                             afterwards: lets batches run again

Exit codes: 0 put back; 1 not possible (the reason is printed), nothing was changed; 2 wrong usage.`;

/** `crash-digger backup [list|verify|restore]`. */
export function backupCommand(): Command {
  return withPlaces(new Command("backup"))
    .description("back the databases up; list, verify and restore backups")
    .option("--json", "print one JSON object")
    .option("-v, --verbose", "log details too")
    .addHelpText("after", help)
    .action(async (_options, command: Command) => {
      const { backUp } = await import("./backup-actions.ts");
      process.exitCode = await backUp(command.optsWithGlobals<BackupFlags>());
    })
    .addCommand(listCommand())
    .addCommand(verifyCommand())
    .addCommand(restoreCommand());
}

function listCommand(): Command {
  return new Command("list")
    .description("show the backups there are, newest first")
    .option("--json", "print one JSON object")
    .addHelpText("after", listHelp)
    .action(async (_options, command: Command) => {
      const { listBackups } = await import("./backup-actions.ts");
      await listBackups(command.optsWithGlobals<BackupFlags>());
    });
}

function verifyCommand(): Command {
  return new Command("verify")
    .description("read backups from beginning to end, as if to put them back")
    .option("--at <date>", "only the newest one taken by then", moment)
    .option("--json", "print one JSON object")
    .addHelpText("after", verifyHelp)
    .action(async (_options, command: Command) => {
      const { verifyBackups } = await import("./backup-actions.ts");
      process.exitCode = await verifyBackups(command.optsWithGlobals<BackupFlags>());
    });
}

function restoreCommand(): Command {
  return new Command("restore")
    .description("put databases back from a backup")
    .addArgument(new Argument("[databases...]", "which ones").choices(["state", "duplicates", "tracker"]))
    .option("--at <date>", "from the newest backup taken by then", moment)
    .option("-l, --lock <file>", "the batches' lock")
    .option("-d, --duplicate-db <path>", "duplicate database")
    .option("--json", "print one JSON object")
    .addHelpText("after", restoreHelp)
    .action(async (names: RestoreFlags["names"], _options, command: Command) => {
      const { restoreBackup } = await import("./restore-action.ts");
      await restoreBackup({ ...command.optsWithGlobals<Omit<RestoreFlags, "names">>(), names });
    });
}

function withPlaces(command: Command): Command {
  return command.option("-d, --duplicate-db <path>", "duplicate database");
}

// A day means until its end; a backup's name has no colons.
function moment(text: string): Date {
  const named = /^(\d{4}-\d\d-\d\d)T(\d\d):?(\d\d):?(\d\d)(?:\.\d{1,3})?Z$/.exec(text);
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T23:59:59Z` : null;
  const found = new Date(day ?? (named === null ? "" : `${named[1]}T${named[2]}:${named[3]}:${named[4]}Z`));
  if (!Number.isNaN(found.getTime())) return found;
  throw new InvalidArgumentError("A day (2026-11-28), a time (2026-11-28T03:10:00Z) or a backup's name is wanted.");
}
