import { expect, test } from "vitest";
import { signatureOf } from "../../../src/trace/signature-of.ts";

function signature(fields: Record<string, string>): string | null {
  return signatureOf(new Map(Object.entries(fields)));
}

test("a crashed kernel is known by the functions of its trace", () => {
  const Stacktrace = `PID: 0      TASK: c073e3a0  CPU: 0   COMMAND: "swapper"
 #0 [c072bf10] sysrq_handle_crash at c0352a23
 #1 [c072bf20] __handle_sysrq at c0352b05
#12 [ffff] a.b at 1
 #3  [ffff] two_blanks
 #4 [ff ff] c
 #5 [ffff] (d)`;
  expect(signature({ ProblemType: "KernelCrash", Stacktrace })).toBe("kernel:sysrq_handle_crash:__handle_sysrq:a");
});

test("a crashed kernel whose trace names nothing is just the kernel", () => {
  expect(signature({ ProblemType: "KernelCrash", Stacktrace: "" })).toBe("kernel");
  expect(signature({ ProblemType: "KernelCrash" })).toBeNull();
  expect(signature({ ProblemType: "KernelOops", Stacktrace: " #0 [c0] a" })).toBeNull();
});

test("a crashed kernel's trace comes before the rules for programs", () => {
  const fields = { ExecutablePath: "/x", Signal: "6", AssertionMessage: "m", Stacktrace: " #0 [c0] a" };
  expect(signature({ ...fields, ProblemType: "KernelCrash" })).toBe("kernel:a");
  expect(signature({ ...fields, ProblemType: "KernelOops" })).toBe("/x:m");
});

test("a kernel's report without a program never gets a program's signature", () => {
  const program = { Signal: "11", StacktraceTop: "a ()\nb ()", Traceback: "E: x" };
  expect(signature({ ...program, ProblemType: "KernelOops" })).toBeNull();
  expect(signature({ ...program, ProblemType: "KernelOops", OopsText: "IP: [<c1>] a" })).toBe("a");
});

test("a failed suspend or resume is known by the machine", () => {
  const oops = { ProblemType: "KernelOops", OopsText: "IP: [<c1>] a" };
  expect(signature({ ...oops, Failure: "suspend/resume", MachineType: "LENOVO 20", "dmi.bios.version": "1.2" })).toBe(
    "suspend/resume:LENOVO 20:1.2",
  );
  expect(signature({ ...oops, Failure: "hibernate/resume", MachineType: "", "dmi.bios.version": "1.2" })).toBe(
    "hibernate/resume:1.2",
  );
  expect(signature({ ...oops, Failure: "suspend" })).toBe("suspend");
  expect(signature({ ...oops, Failure: "resume" })).toBe("resume");
  expect(signature({ ...oops, Failure: "oops" })).toBe("a");
  expect(signature({ ...oops, ProblemType: "KernelCrash", Failure: "suspend" })).toBe("a");
});

const oopsText = `BUG: unable to handle kernel NULL pointer dereference at look at 00000010
IP: [<c11e4690>] ext4_get_acl+0x80/0x210
*pde = 00000000
Call Trace:
 [<c0107b0d>] ? sys_foo+0x1/0x2
 [<c0107b0d>] [<c0>] __bar+0x1/0x2
 no brackets
 half] a
 other] half [b
 =======
 [<c010>]no_blank
 [<c010>]\x20
 [<c010>] last
Code: 89
 [<c010>] after`;

test("an oops is known by the fault, the place and the reliable calls", () => {
  expect(signature({ ProblemType: "KernelOops", OopsText: oopsText })).toBe(
    "kernel NULL pointer dereference at look:ext4_get_acl+0x80/0x210:__bar+0x1/0x2:last",
  );
});

test("a tab or an empty line ends the call trace, and another one begins anew", () => {
  expect(signature({ ProblemType: "KernelOops", OopsText: "Call Trace:\n\t[<1>] a\n [<1>] b" })).toBeNull();
  expect(signature({ ProblemType: "KernelOops", OopsText: "Call Trace:\n [<1>] a\n\n [<1>] b" })).toBe("a");
  expect(signature({ ProblemType: "KernelOops", OopsText: "Call Trace: x\n [<1>] a\nCall Trace:\n [<1>] b" })).toBe(
    "a:b",
  );
  expect(signature({ ProblemType: "KernelOops", OopsText: " Call Trace:\n [<1>] a" })).toBeNull();
});

test("a fault without an address, and a place without brackets, say nothing", () => {
  expect(
    signature({ ProblemType: "KernelOops", OopsText: "BUG: unable to handle page fault for address: ff" }),
  ).toBeNull();
  expect(signature({ ProblemType: "KernelOops", OopsText: "BUG: unable to handle at 0" })).toBeNull();
  expect(signature({ ProblemType: "KernelOops", OopsText: "IP: ext4_get_acl+0x80/0x210\nRIP: [<c1>] a" })).toBeNull();
  expect(signature({ ProblemType: "KernelOops", OopsText: "" })).toBeNull();
});

test("the faults of several oopses are all parts", () => {
  const OopsText = "BUG: unable to handle a at 1\nIP: [<1>] b\nBUG: unable to handle c at 2";
  expect(signature({ ProblemType: "Crash", ExecutablePath: "/x", OopsText })).toBe("a:b:c");
});
