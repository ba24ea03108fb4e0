import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { run } from "../../src/system/process.ts";
import { addPackages, publish } from "../lab/archive.ts";
import { type ChrootLab, createChrootLab, inChroot, plantChroot } from "../lab/chroot-lab.ts";
import { type CommandLab, createCommandLab, launcher } from "../lab/command.ts";
import { crashReport } from "../lab/crash-report.ts";
import { packageProgram } from "../lab/program.ts";
import { fewOf } from "../lab/random.ts";
import { tool } from "../lab/tool.ts";

// A system is copied, and installed into, a few times: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 300_000 });

let lab: ChrootLab;
let unpacked: CommandLab;
let chroot: CommandLab;

beforeAll(async () => {
  lab = await createChrootLab();
  unpacked = await createCommandLab(lab);
  chroot = await createCommandLab(lab, inChroot);
  await plantChroot(chroot, lab);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

const provenance = z.object({ source: z.string(), package: z.string().nullable(), sha256: z.string().nullable() });
const resultSchema = z.object({
  fields: z.record(z.string(), z.string()),
  threads: z.array(z.unknown()),
  modules: z.array(
    z.object({ path: z.string(), status: z.string(), executable: provenance.nullable(), debug: provenance.nullable() }),
  ),
  manifest: z.object({ environment: z.string(), gdb: z.string() }),
});

async function retraced(command: CommandLab, report: string) {
  const result = await command.crashDigger(["retrace", "--json", report]);
  expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode: 0, stderr: "" });
  return resultSchema.parse(JSON.parse(result.stdout.toString("utf8")));
}

test("in the chroot the same crash has the same trace, signatures and proof as with unpacked packages", async () => {
  const report = await crashReport(lab, lab.programs.workers);
  const plain = await retraced(unpacked, report);
  const inside = await retraced(chroot, report);
  expect(inside.fields).toEqual(plain.fields);
  expect(inside.threads).toEqual(plain.threads);
  const rows = ({ modules }: typeof plain) =>
    modules.map(({ path, status, executable, debug }) => ({
      path,
      status,
      packages: [executable?.package, debug?.package],
      files: [executable?.sha256, debug?.sha256],
    }));
  expect(rows(inside)).toEqual(rows(plain));
  expect(plain.manifest.environment).toBe("unpacked");
  expect(inside.manifest.environment).toMatch(/^chroot \d{8}T\d{6}Z-/);
  const program = inside.modules.find(({ path }) => path === lab.programs.workers.recipe.installedPath);
  expect(program).toMatchObject({ status: "matched", executable: { source: "chroot" }, debug: { source: "chroot" } });
});

test("a crash whose package cannot be installed there is retraced with the unpacked one", async () => {
  const installedPath = join(lab.folder, "opt", "lab", "bin", "strange");
  const recipe = {
    name: "strange",
    version: "1.0-1",
    sources: ["inlined.c"],
    flags: ["-O1"],
    installedPath,
  } as const;
  const strange = await packageProgram({ ...recipe, depends: "no-such-package" }, lab.folder);
  await addPackages(lab.archive, [strange.package, strange.debugPackage]);
  await publish(lab.archive);
  const { modules, manifest } = await retraced(chroot, await crashReport(lab, strange));
  expect(modules.find(({ path }) => path === installedPath)).toMatchObject({
    status: "matched",
    executable: { source: "archive" },
    debug: { source: "archive" },
  });
  expect(manifest.environment).toMatch(/^chroot /);
});

const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
const withUsers = ["unshare", "--mount", "sh", join(import.meta.dirname, "fixtures/as-user-with-subordinates.sh")];

const ordinaryUsers: readonly (readonly [string, (folder: string) => readonly string[]])[] = [
  ["with users to give away", (folder) => [...withUsers, folder]],
  ["who is alone", () => asNobody],
];

test.each(fewOf(ordinaryUsers, 1))(
  "an ordinary user %s makes a chroot, retraces in it, and removes it",
  async (name, asUser) => {
    const report = await crashReport(lab, lab.programs.workers);
    const folder = join(lab.folder, `user ${name}`);
    const config = join(folder, "config.toml");
    const folders = { state_dir: join(folder, "state"), cache_dir: join(folder, "cache"), releases: lab.configFolder };
    await mkdir(folder);
    await copyFile(report, join(folder, "workers.crash"));
    await writeFile(config, stringify({ ...folders, release: { [lab.release]: { environment: "chroot" } } }));
    await tool(["chmod", "-R", "a+rX", folder]);
    await tool(["chown", "-R", "nobody", folder]);
    const crashDigger = (...args: readonly string[]) =>
      run([...asUser(folder), launcher, "--config", config, ...args] as [string, ...string[]], { deadlineMs: 250_000 });
    const { exitCode, stdout, stderr } = await crashDigger("retrace", "--json", join(folder, "workers.crash"));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const { fields, modules } = resultSchema.parse(JSON.parse(stdout.toString("utf8")));
    expect(fields["StacktraceTop"]).toMatch(/^count_pages .*\nprint_job .*\nhandle_job /);
    const program = modules.find(({ path }) => path === lab.programs.workers.recipe.installedPath);
    expect(program).toMatchObject({ status: "matched", executable: { source: "chroot" }, debug: { source: "chroot" } });
    const giving = "touch /tmp/gift && chown nobody:nogroup /tmp/gift && stat --format=%U:%G /tmp/gift";
    const given = await crashDigger("chroot", "enter", lab.release, "--", "sh", "-c", giving);
    expect(given).toMatchObject({ exitCode: 0, stderr: "" });
    // Who has nobody else says that he has given it away.
    expect(given.stdout.toString("utf8")).toBe(name === "who is alone" ? "root:root\n" : "nobody:nogroup\n");
    expect(await crashDigger("chroot", "remove", lab.release)).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await readdir(join(folder, "cache", "chroots"))).toEqual([]);
  },
);
