import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { debugCore } from "../../../src/debugger/debug-core.ts";
import { crash, newFolder, ordinaryLimits, outputOf, removeCrashed } from "./crashed.ts";

afterAll(removeCrashed);

const words = { source: "", flags: ["-pthread"] };

test("threads, functions, arguments, locals and source lines of a program with debug information", async () => {
  const output = await outputOf(await crash({ ...words, source: "workers.c" }));
  expect(output.gdbVersion).toMatch(/^GNU gdb .*\d+\.\d+/);
  // gdb and its Python alone are some 30 MB.
  expect(output.peakMemoryBytes).toBeGreaterThan(10_000_000);
  expect(output.peakMemoryBytes).toBeLessThan(ordinaryLimits.memoryBytes);
  expect(output.commands).toContain("set debuginfod enabled off");
  expect(output.commands).toContain("thread apply all bt full");
  const [crashed, ...others] = output.threads;
  expect(crashed).toMatchObject({ crashed: true, truncated: false });
  expect(crashed?.frames[0]).toMatchObject({
    index: 0,
    function: "count_pages",
    file: "/usr/src/lab/workers.c",
    line: expect.any(Number),
    inlined: false,
    arguments: [{ name: "document", value: "0x0" }],
    status: "symbolized",
  });
  expect(others).toHaveLength(3);
  expect(others.every((thread) => !thread.crashed && thread.frames.length > 1)).toBe(true);
  const main = others.flatMap((thread) => thread.frames).find((frame) => frame.function === "main");
  expect(main?.status).toBe("symbolized");
});

test("the fields have Apport's form", async () => {
  const output = await outputOf(await crash({ ...words, source: "workers.c" }));
  expect(output.registers).toMatch(/^(rip|pc) +0x[0-9a-f]+/m);
  expect(output.disassembly).toMatch(/^=> 0x[0-9a-f]+ <count_pages\+\d+>:\t/);
  expect(output.disassembly.split("\n")).toHaveLength(16);
  expect(output.stacktrace).toMatch(/^#0 +(0x[0-9a-f]+ in )?count_pages \(document=0x0\) at .*workers\.c:\d+\n/);
  expect(output.threadStacktrace).toMatch(/^\.\nThread 4 \(Thread 0x[0-9a-f]+ \(LWP \d+\)\):\n/);
  expect(output.threadStacktrace.match(/^\.$/gm)).toHaveLength(4);
  for (const field of [output.registers, output.disassembly, output.stacktrace, output.threadStacktrace]) {
    expect(field).not.toMatch(/^\s*$/m);
    expect(field).not.toContain("/sysroot");
  }
  expect(output).toMatchObject({ abortMessage: null, glibAssertMessage: null });
});

test("libraries are named as on the machine that crashed", async () => {
  const output = await outputOf(await crash({ ...words, source: "workers.c" }));
  expect(output.threadStacktrace).toMatch(/ from \/(usr\/)?lib\/\S+\/libc\.so\.6$/m);
});

test("calls that the compiler inlined are frames of their own", async () => {
  const output = await outputOf(await crash({ source: "inlined.c", flags: ["-O2"] }));
  const frames = output.threads[0]?.frames ?? [];
  expect(frames.map((frame) => [frame.function, frame.inlined])).toEqual([
    ["value_of", true],
    ["second_value", true],
    ["sum_of_pair", false],
    ["main", false],
  ]);
  expect(new Set(frames.slice(0, 3).map((frame) => frame.pc)).size).toBe(1);
});

test("endless recursion gives two thousand frames and says that there were more", async () => {
  const output = await outputOf(await crash({ source: "recursion.c" }));
  expect(output.threads[0]?.frames).toHaveLength(2000);
  expect(output.threads[0]?.truncated).toBe(true);
  expect(output.stacktrace.match(/^#\d+ /gm)).toHaveLength(2000);
});

test("a program without symbols has frames without names", async () => {
  const output = await outputOf(await crash({ source: "recursion.c", strip: true }));
  expect(output.threads[0]?.frames[0]).toMatchObject({ function: null, file: null, line: null, status: "unknown" });
  expect(output.stacktrace).toMatch(/^#0 +0x[0-9a-f]+ in \?\? \(\)/);
});

test("a core whose program we do not have is still walked", async () => {
  const crashed = await crash({ source: "asserts.c" });
  const task = { ...crashed.task, executablePath: null };
  const output = await outputOf({ ...crashed, task });
  expect(output.threads[0]?.frames.length).toBeGreaterThan(1);
});

test("the messages of glibc and glib come as gdb prints them", async () => {
  const source = `
    #include <stdlib.h>
    struct message { unsigned size; char msg[80]; } text = {80, "prog: prog.c:5: main: Assertion 'x > 1' failed.\\n"};
    struct message *__abort_msg = &text;
    char *__glib_assert_msg = "ERROR:prog.c:5:main: assertion failed: (x > 1)";
    int main(void) { abort(); }`;
  const output = await outputOf(await crash({ source }));
  expect(output.abortMessage).toMatch(/^\$1 = "prog: prog\.c:5: main: Assertion 'x > 1' failed\.\\n"/);
  expect(output.glibAssertMessage).toMatch(/^\$2 = 0x[0-9a-f]+.* "ERROR:prog\.c:5:main: assertion failed: \(x > 1\)"$/);
});

test("a signal handler's frame is marked", async () => {
  const source = `
    #include <signal.h>
    #include <stdlib.h>
    static void handler(int number) { (void)number; abort(); }
    int main(void) { signal(SIGSEGV, handler); *(volatile int *)16 = 1; return 0; }`;
  const output = await outputOf(await crash({ source }));
  const frames = output.threads[0]?.frames ?? [];
  const at = frames.findIndex((frame) => frame.status === "signal-handler");
  expect(frames[at]?.function).toBe("<signal handler called>");
  expect(frames[at - 1]?.function).toBe("handler");
  expect(frames[at + 1]?.function).toBe("main");
  expect(output.stacktrace).toMatch(/^#\d+ +<signal handler called>$/m);
});

test("a jump to nowhere shows where there is nothing to disassemble", async () => {
  const source = "int main(void) { void (*volatile nowhere)(void) = 0; nowhere(); return 0; }";
  const output = await outputOf(await crash({ source }));
  expect(output.disassembly).toBe("=> 0x0:\tCannot access memory at address 0x0");
  expect(output.threads[0]?.frames[0]).toMatchObject({ pc: "0x0", function: null });
});

test("values that cannot be read are shown as such", async () => {
  const source = `
    struct big { int x; };
    int main(void) { struct big *wild = (struct big *)16; char *text = (char *)32; return wild->x + *text; }`;
  const output = await outputOf(await crash({ source }));
  const locals = Object.fromEntries(
    (output.threads[0]?.frames[0]?.locals ?? []).map(({ name, value }) => [name, value]),
  );
  expect(locals["wild"]).toBe("0x10");
  expect(locals["text"]).toMatch(/^0x20 <error: Cannot access memory at address 0x20>$/);
});

test("a file that is no core gives no trace but a reason", async () => {
  const crashed = await crash({ source: "asserts.c" });
  const corePath = join(await newFolder(), "core");
  await writeFile(corePath, "not a core");
  await chmod(corePath, 0o644);
  const result = await debugCore({ ...crashed.task, corePath }, ordinaryLimits);
  expect(result.kind).toBe("report");
  expect(result).toMatchObject({
    reason: expect.stringMatching(/^gdb found no stack in the core: .*not a core dump/s),
  });
});

test("a core of a machine that this gdb does not know concerns that report only", async () => {
  const crashed = await crash({ source: "asserts.c" });
  const result = await debugCore({ ...crashed.task, architecture: "vax\n" }, ordinaryLimits);
  // With gdb-multiarch installed the core itself decides.
  if (result.kind === "report") expect(result.reason).toContain("gdb-multiarch");
  else expect(result.kind).toBe("output");
});

test("too little memory is worth another try", async () => {
  const crashed = await crash({ source: "asserts.c" });
  const result = await debugCore(crashed.task, { ...ordinaryLimits, memoryBytes: 40 * 1024 ** 2 });
  expect(result).toMatchObject({ kind: "retry", reason: expect.stringContaining("memory") });
});

test("gdb that prints more than allowed has failed on this report", async () => {
  const crashed = await crash({ source: "recursion.c" });
  const result = await debugCore(crashed.task, { ...ordinaryLimits, outputBytes: 20_000 });
  expect(result).toMatchObject({ kind: "report", reason: expect.stringContaining("printed more than allowed") });
});

test("what gdb had said of the crashed thread before it was stopped is kept", async () => {
  const crashed = await crash({ source: "recursion.c" });
  const whole = await outputOf(crashed);
  const outputBytes = Buffer.byteLength(whole.stacktrace) + 40_000;
  const output = await outputOf(crashed, { ...ordinaryLimits, outputBytes });
  expect(output.stacktrace).toBe(whole.stacktrace);
  expect(output.warnings).toMatch(/gdb did not get past threadStacktrace: stopped because it printed more/);
});

test("an abort stops gdb", async () => {
  const crashed = await crash({ source: "asserts.c" });
  await expect(debugCore(crashed.task, ordinaryLimits, AbortSignal.abort())).rejects.toThrow("abort");
});

test("the same core gives the same trace twice", async () => {
  const crashed = await crash({ ...words, source: "workers.c" });
  const [first, second] = [await outputOf(crashed), await outputOf(crashed)];
  // How long it took and how much memory it needed is nobody's promise.
  const measured = { durationMs: 0, peakMemoryBytes: 0 };
  expect({ ...first, ...measured }).toEqual({ ...second, ...measured });
});
