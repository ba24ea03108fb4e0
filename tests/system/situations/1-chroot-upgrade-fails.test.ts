import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ChrootLab, createChrootLab, inChroot } from "../../lab/chroot-lab.ts";
import { type CommandLab, createCommandLab } from "../../lab/command.ts";
import { crashReport } from "../../lab/crash-report.ts";

// A system is copied, and installed into, a few times: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 300_000 });

let lab: ChrootLab;
let command: CommandLab;

beforeAll(async () => {
  lab = await createChrootLab();
  command = await createCommandLab(lab, inChroot);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

test("a maintainer script makes the automatic upgrade of a chroot fail: the retracer stops and tells", async () => {
  const { workers, inlined } = lab.programs;
  const first = await command.submit(await crashReport(lab, workers));
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  const trace = (await command.crash(first)).attachmentTexts.get("StacktraceTop.txt");
  expect(trace).toMatch(/^count_pages .*\nprint_job .*\nhandle_job /);

  await lab.upload("2.0", new Map([["postinst", "echo 'postinst: the database of colours is missing' >&2; exit 7"]]));
  const second = await command.submit(await crashReport(lab, inlined));
  const before = await command.crash(second);
  const stopped = await command.crashDigger(["run"]);
  expect(stopped.exitCode).toBe(1);
  // What cron mails: the problem in the package's own words, what to do, the exception and where it was.
  expect(stopped.stderr).toMatch(/^crash-digger stopped: while working on crash 2: .*upgrade of the chroot of Lab 1 /);
  expect(stopped.stderr).toContain("postinst: the database of colours is missing");
  expect(stopped.stderr).toMatch(/exit status 7/);
  expect(stopped.stderr).toMatch(/^What to do: .*chroot enter RELEASE --broken/m);
  expect(stopped.stderr).toMatch(/\n {4}at /);
  expect(await readFile(command.lockPath, "utf8")).toMatch(/^reason: .*database of colours/m);
  expect(await command.crash(second)).toEqual(before);

  // Nothing more is done, nor told, until a person has looked.
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await command.crash(second)).toEqual(before);

  await lab.upload("2.1");
  expect(await command.crashDigger(["unlock"])).toMatchObject({ exitCode: 0 });
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await command.crash(second)).header.tags).not.toContain(`need-${lab.architecture}-retrace`);
  const version = ["chroot", "enter", lab.release, "--", "cat", "/usr/share/lab-tool/version"];
  expect((await command.crashDigger(version)).stdout.toString("utf8")).toBe("2.1\n");
});
