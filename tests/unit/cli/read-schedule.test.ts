import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CliError, exitCode } from "../../../src/cli/exit.ts";
import { readSchedule } from "../../../src/cli/schedule/read-schedule.ts";

test.each([
  [{ everyMin: 7 }, "every_min: must be one of 1, 2, 3"],
  [{ dailyAt: "25:00" }, "daily_at: must be a time"],
  [{ user: "root\n* * * * * root reboot" }, "user: not the name of a user"],
  [{ log: "/l; reboot" }, "log: must be an absolute path of letters"],
  [{ mailTo: "root\nX=1" }, "not a mail address"],
])("the option %j is refused as wrong usage: no line gets into a schedule by it", async (option, complaint) => {
  const folder = await mkdtemp(join(tmpdir(), "crash-digger-read-schedule-"));
  const config = join(folder, "config.toml");
  await writeFile(config, "");
  const refused = (): unknown => readSchedule({ config, root: "/", cron: true, ...option });
  expect(refused).toThrow(CliError);
  expect(refused).toThrow(expect.objectContaining({ exitCode: exitCode.usage }));
  expect(refused).toThrow(complaint);
  await rm(folder, { recursive: true });
});
