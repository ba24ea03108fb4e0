import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeJailEnd } from "../../../src/debugger/jail-end.ts";
import { runInJail } from "../../../src/system/jail.ts";
import { run } from "../../../src/system/process.ts";
import { expectGone, uniqueSeconds } from "../../integration/system/jail-box.ts";
import { runAsOrdinaryUser } from "../../integration/system/other-user.ts";
import { compileC } from "../../lab/compile-c.ts";
import { type TemporaryFolder, temporaryFolder } from "../../lab/temporary.ts";
import { type Attack, attacks, expectedHere, limits, type Prey, prey } from "./attacks.ts";

let folder: TemporaryFolder;
let lab: Prey;

beforeAll(async () => {
  folder = await temporaryFolder("jail");
  lab = await prey(folder.path);
});
afterAll(() => folder?.remove());

const named = Object.entries(attacks);
type Command = readonly [string, ...string[]];

async function linesOf(command: Command, mounts = lab.mounts): Promise<readonly string[]> {
  const result = await runInJail({ command, mounts, limits });
  expect(result).toMatchObject({ exitCode: 0, stoppedBy: null });
  return result.stdout.toString().trimEnd().split("\n");
}

test("outside the jail the probe does get at its prey", async () => {
  const outside = async (name: string): Promise<string> => {
    const words = attacks[name]?.words(lab.secret) ?? [];
    return (await run([lab.probe, ...words], { deadlineMs: 10_000 })).stdout.toString();
  };
  const files = await outside("on files");
  expect(files).toMatch(/^read the secret: ok\n(.*\n)*write beside the secret: ok\n/);
  expect(await outside("on the network")).toMatch(/^AF_INET: ok\n(.*\n)*AF_UNIX: ok\n(.*\n)*socketpair: ok\n/);
  expect(await outside("on other processes")).toMatch(/^signal the process: ok\nsee the process: ok\n/);
});

test.each(named)("an attack %s by a program in the jail fails", async (_, attack) => {
  expect(await linesOf(["/probe", ...attack.words(lab.secret)])).toEqual(expectedHere(attack, lab));
});

test.each(named)("an attack %s fails for an ordinary user's jail too", async (_, attack) => {
  const task = { command: ["/probe", ...attack.words(lab.secret)], mounts: lab.mounts, limits };
  const ran = await runAsOrdinaryUser("tests/integration/system/fixtures/jail.ts", ["batch", JSON.stringify(task)]);
  const said = JSON.parse(ran.stdout.toString());
  expect(said.uid).not.toBe(0);
  expect(said.stdout.trimEnd().split("\n")).toEqual(expectedHere(attack, lab));
});

test("an attack on the kernel by a program on a terminal fails", async () => {
  const attack = attacks["on the kernel"] as Attack;
  const task = { command: ["/probe", "kernel"], mounts: lab.mounts, limits };
  const fixture = join(import.meta.dirname, "../../integration/system/fixtures/jail.ts");
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", fixture] as const;
  const ran = await run([...node, "interactive", JSON.stringify(task)], { deadlineMs: 60_000 });
  expect(ran.stdout.toString().trimEnd().split("\r\n")).toEqual(expectedHere(attack, lab));
});

// Our gdb runs no script that lies in a package. Should one be run all the same, the jail has to hold.
test.each(named)("an attack %s from a script that gdb found in a program fails", async (name, attack) => {
  const script = `import os\\\\nos.system('/probe ${attack.words(lab.secret).join(" ")}')\\\\n`;
  const source = `
    __asm__(".pushsection .debug_gdb_scripts,\\"MS\\",%progbits,1\\n"
            ".byte 4\\n .ascii \\"attack\\\\n${script}\\"\\n .byte 0\\n .popsection");
    int main(void) { return 0; }`;
  const program = compileC(source, join(folder.path, name.replaceAll(" ", "-")));
  const mounts = [...lab.mounts, { hostPath: program, jailPath: "/scripted" }];
  const trusting = ["gdb", "-nx", "-batch", "-iex", "set auto-load safe-path /", "/scripted"] as const;
  expect(await linesOf(trusting, mounts)).toEqual(expectedHere(attack, lab));
});

test("memory, disk, open files and processes cannot be filled", async () => {
  const [small, processes] = [64 * 1024 ** 2, 24];
  const task = { command: ["/probe", "fill"] as const, mounts: lab.mounts };
  const result = await runInJail({ ...task, limits: { ...limits, memoryBytes: small, processes } });
  expect(result.stdout.toString().trimEnd().split("\n")).toEqual([
    "memory: ENOMEM",
    "disk /tmp: ENOSPC",
    "disk /dev/shm: EROFS",
    "open files: EMFILE",
    "processes: EAGAIN",
  ]);
  expect(Number(/megabytes: (\d+)/.exec(result.stderr)?.[1])).toBeLessThan(64);
  expect(Number(/forks: (\d+)/.exec(result.stderr)?.[1])).toBeLessThan(processes);
});

test("whoever leaves the session and ignores every signal still ends with the jail", async () => {
  const mark = uniqueSeconds();
  const task = { command: ["/probe", "outlive", mark] as const, mounts: lab.mounts };
  const killed = await runInJail({ ...task, limits: { ...limits, wallMs: 1500 } });
  expect(killed.stoppedBy).toBe("deadline");
  expect(killed.stdout.toString()).toContain("alive\n");
  await expectGone(mark);
  const left = await runInJail({ ...task, command: [...task.command, "leave"], limits });
  expect(left).toMatchObject({ exitCode: 0, stoppedBy: null });
  await expectGone(mark);
});

test("a death by the filter is told as what it is", async () => {
  const result = await runInJail({ command: ["unshare", "--user", "true"], mounts: [], limits });
  expect(describeJailEnd(result)).toBe("killed for a system call that the jail forbids (the core may be an attack)");
});
