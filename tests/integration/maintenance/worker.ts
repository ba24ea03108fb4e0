// A process of its own for the tests: takes a backup or puts one back, to be killed in the middle.
import { restore } from "../../../src/maintenance/backup/restore.ts";
import { takeBackup } from "../../../src/maintenance/backup/take-backup.ts";
import type { BackupSettings } from "../../../src/maintenance/backup/types.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { silentLog } from "../../../src/system/log.ts";

const [what, settingsText = ""] = process.argv.slice(2);
const settings = JSON.parse(settingsText) as BackupSettings;
if (what === "take") await takeBackup(settings, { clock: systemClock, log: silentLog, version: "1" });
else await restore({ names: ["state", "duplicates"], at: null }, settings, async () => [], systemClock);
