import { readdirSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launcher } from "../../lab/command.ts";
import { startMachine } from "../../lab/machine/machine.ts";

test("logrotate takes the file, and the log goes on with its owner and mode", async () => {
  await using machine = await startMachine();
  const log = join(machine.folder, "log", "crash-digger.log");
  const install = ["schedule", "install", "--cron", "--user", "mail", "--log", log, "--yes"] as const;
  const prepared = await machine.run(["sh", "-c", `mkdir ${join(machine.folder, "log")}; mkdir -p /etc/crash-digger`]);
  expect(prepared.exitCode).toBe(0);
  expect(await machine.run([launcher, ...install])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await stat(log)).mode & 0o777).toBe(0o640);
  const rules = "/etc/logrotate.d/crash-digger";
  const checked = await machine.run(["/usr/sbin/logrotate", "-d", rules]);
  expect(checked.exitCode).toBe(0);
  expect(checked.stderr).toContain(`considering log ${log}`);
  expect(checked.stderr).not.toMatch(/^(?:error|warning): (?!logrotate in debug mode)/m);
  await writeFile(log, "a line\n");
  const state = join(machine.folder, "state");
  expect(await machine.run(["/usr/sbin/logrotate", "--force", "--state", state, rules])).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  expect(readdirSync(join(machine.folder, "log")).sort()).toEqual(["crash-digger.log", "crash-digger.log.1"]);
  expect(await readFile(`${log}.1`, "utf8")).toBe("a line\n");
  const [now, before] = [await stat(log), await stat(`${log}.1`)];
  expect([now.size, now.uid, now.gid, now.mode]).toEqual([0, before.uid, before.gid, before.mode]);
  expect(now.uid).toBeGreaterThan(0);
});
