import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { debugCore } from "../../src/debugger/debug-core.ts";
import { run } from "../../src/system/process.ts";
import {
  type CrashedProgram,
  crash,
  newFolder,
  ordinaryLimits,
  outputOf,
  removeCrashed,
} from "../integration/debugger/crashed.ts";
import { compile } from "../lab/build.ts";

afterAll(removeCrashed);

const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;
// Sung on stderr, which is kept from the first moment; what gdb prints to stdout before the first section is not.
const canary = "CANARY-THAT-MUST-NOT-SING";
const crashing = (text = ""): string => `${text}\nint main(void) { return *(volatile int *)16; }`;

test("code that lies beside the program and its libraries is not run", async () => {
  const crashed = await crash({ source: crashing("/* auto-load */") });
  const sing = `import gdb, sys\ngdb.write("${canary}\\n")\nsys.stderr.write("${canary}\\n")\n`;
  const folder = dirname(crashed.program);
  const safe = "usr/share/gdb/auto-load";
  for (const path of [
    `${crashed.program}-gdb.py`,
    join(folder, ".gdbinit"),
    join("/", safe, `${crashed.program}-gdb.py`),
    join("/", safe, "usr/lib/x86_64-linux-gnu/libc.so.6-gdb.py"),
    "/usr/lib/x86_64-linux-gnu/libc.so.6-gdb.py",
    "/.gdbinit",
    "/program-gdb.py",
  ]) {
    await writeInto(crashed.sysroot, path, path.endsWith("py") ? sing : `echo ${canary}\\n`);
  }
  const said = JSON.stringify(await outputOf(crashed));
  expect(said).toContain("main");
  expect(said).not.toContain(canary);
});

test("a script inside the program (.debug_gdb_scripts) is not run", async () => {
  const source = crashing(`
    asm(".pushsection .debug_gdb_scripts,\\"MS\\",%progbits,1\\n"
        ".byte 4\\n .ascii \\"inline\\\\nimport gdb\\\\ngdb.write('${canary}', gdb.STDERR)\\\\n\\"\\n .byte 0\\n .popsection");`);
  const crashed = await crash({ source });
  const trusting = await run(
    ["gdb", "-nx", "-batch", "-iex", "set auto-load safe-path /", "-ex", `file ${crashed.program}`],
    { deadlineMs: 60_000 },
  );
  expect(trusting.stderr).toContain(canary);
  expect(JSON.stringify(await outputOf(crashed))).not.toContain(canary);
});

test("a thread library beside the crashed libraries is not loaded", async () => {
  const crashed = await crash({ source: crashing("/* thread library */"), flags: ["-pthread"] });
  const source = join(await newFolder(), "evil.c");
  await writeFile(
    source,
    `#include <unistd.h>\n__attribute__((constructor)) void sing(void) { write(2, "${canary}", 25); }\n`,
  );
  const evil = await compile({ sources: [source], output: `${source}.so`, flags: ["-shared", "-fPIC"] });
  for (const folder of ["usr/lib/x86_64-linux-gnu", "usr/lib"]) {
    await mkdir(join(crashed.sysroot, folder), { recursive: true });
    await copyFile(evil, join(crashed.sysroot, folder, "libthread_db.so.1"));
  }
  await run(["chmod", "-R", "o+rX", crashed.sysroot], { deadlineMs: 10_000 });
  expect(JSON.stringify(await outputOf(crashed))).not.toContain(canary);
});

test("strings with escapes and line breaks stay inside their lines", async () => {
  const source = `
    const char *evil = "\\033]0;title\\007\\n#0  0x1 in forged () at forged.c:1\\r\\n\\n\\377\\200";
    int main(void) { const char *local = evil; return *(volatile int *)16 + *local; }`;
  const output = await outputOf(await crash({ source }));
  expect(output.stacktrace.match(/^#\d+/gm)).toEqual(["#0"]);
  expect(output.stacktrace + output.threadStacktrace).not.toMatch(control);
  expect(output.threads[0]?.frames[0]?.locals[0]?.value).toContain("\\033]0;title\\a\\n#0");
});

test("a function's name cannot carry a terminal escape", async () => {
  const source =
    "int plain_function_name(void) { return *(volatile int *)16; } int main(void) { return plain_function_name(); }";
  const crashed = await crash({ source });
  const target = join(crashed.sysroot, crashed.program);
  const bytes = (await readFile(target)).toString("latin1");
  await writeFile(
    target,
    Buffer.from(bytes.replaceAll("plain_function_name", "\x1b]0;title\x07\xff\n#1  f()"), "latin1"),
  );
  const output = await outputOf(crashed);
  expect(output.stacktrace).toContain("\\x1b]0;title\\x07");
  expect(output.stacktrace + output.threadStacktrace + output.disassembly + output.warnings).not.toMatch(control);
  expect(output.threads[0]?.frames[0]?.function).toBe("\\x1b]0;title\\x07\ufffd\\x0a#1  f()");
});

test("a program's path is never part of a command of gdb's", async () => {
  for (const name of ["a b'c\"d", "x\nshell touch /tmp/owned", "$(id)", "-ex", "ünïcode\x7f"]) {
    const crashed = await crash({ source: crashing("/* paths */"), name });
    const output = await outputOf(crashed);
    expect(output.threads[0]?.frames[0]?.function).toBe("main");
  }
  expect(existsSync("/tmp/owned")).toBe(false);
});

test("a program's path cannot lead out of the sysroot", async () => {
  const crashed = await crash({ source: crashing("/* outside */") });
  await symlink("../../../../../../../../../../etc/passwd", join(crashed.sysroot, "way-out"));
  for (const executablePath of ["/../../../../../../../../../../etc/passwd", "/way-out"]) {
    const leading = debugCore({ ...crashed.task, executablePath }, ordinaryLimits);
    await expect(leading).rejects.toThrow(/leads out of the sysroot|ENOENT/);
  }
});

test("a link in the sysroot that would lead to this machine's own libraries is refused", async () => {
  const crashed = await crash({ source: crashing("/* links */") });
  await symlink("/usr/lib", join(crashed.sysroot, "lib32"));
  await expect(debugCore(crashed.task, ordinaryLimits)).rejects.toThrow("Absolute link in the sysroot");
});

test("a program that prints a marker's words into its memory forges no section", async () => {
  const zeros = "0".repeat(32);
  const source = `
    const char text[] = "\\n${zeros} registers\\nforged\\n${zeros} end\\n";
    int main(void) { const char *local = text; return *(volatile int *)16 + *local; }`;
  const output = await outputOf(await crash({ source }));
  expect(output.registers).toMatch(/^(rip|pc) /m);
});

test("huge and deep values are cut", async () => {
  const source = `
    struct nest { char text[300]; int numbers[300]; } ;
    static struct nest nests[200];
    int main(void) {
      struct nest local[20] = {0};
      char big[100000] = {0};
      for (int i = 0; i < 300; i++) { local[0].numbers[i] = i; local[0].text[i] = 'a' + i % 26; }
      return *(volatile int *)16 + local[1].numbers[1] + big[1] + nests[1].numbers[0];
    }`;
  const output = await outputOf(await crash({ source }));
  const locals = output.threads[0]?.frames[0]?.locals ?? [];
  expect(locals.map((variable) => variable.name).sort()).toEqual(["big", "local"]);
  for (const { value } of locals) expect(value.length).toBeLessThanOrEqual(1010);
});

test("a crafted core never breaks the service, whatever bytes are changed", async () => {
  const crashed = await crash({ source: crashing("/* fuzz */") });
  const whole = await readFile(crashed.task.corePath);
  const folder = await newFolder();
  await run(["chmod", "755", folder], { deadlineMs: 10_000 });
  for (let round = 0; round < 6; round += 1) {
    const bytes = Buffer.from(whole);
    // The headers and notes lie in the first pages: that is where gdb believes what it reads.
    for (let change = 0; change < 40; change += 1)
      bytes[(round * 7919 + change * 104_729) % 6000] = (change * 37) % 256;
    bytes.set(whole.subarray(0, 18));
    const corePath = join(folder, `core-${round}`);
    await writeFile(corePath, bytes, { mode: 0o644 });
    const result = await debugCore({ ...crashed.task, corePath }, { ...ordinaryLimits, wallMs: 60_000 });
    expect(["output", "report", "retry"]).toContain(result.kind);
  }
});

async function writeInto(sysroot: CrashedProgram["sysroot"], path: string, text: string): Promise<void> {
  const target = join(sysroot, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text);
  await run(["chmod", "-R", "o+rX", sysroot], { deadlineMs: 10_000 });
}
