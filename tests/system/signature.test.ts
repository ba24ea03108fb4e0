import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type ProcessResult, run } from "../../src/system/process.ts";
import { temporaryFolder } from "../lab/temporary.ts";

const command = fileURLToPath(new URL("../../bin/crash-digger", import.meta.url));

// As root, without an environment of ours, and in a folder that is not the repository: as cron would.
function signature(folder: string, ...args: readonly string[]): Promise<ProcessResult> {
  return run([command, "signature", ...args], { deadlineMs: 60_000, cwd: folder });
}

function jsonLines(result: ProcessResult): readonly unknown[] {
  return result.stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

// A core whose data is no base64 at all: the signature never looks at it.
const segfault = `ProblemType: Crash
CoreDump: base64
 not/looked/at!
ExecutablePath: /usr/bin/größe
ProcMaps:
 00400000-00402000 r-xp 00000000 08:02 1044485                            /usr/bin/größe
 00601000-00602000 rw-p 00000000 00:00 0 
Signal: 11
Stacktrace:
 #0  0x00000000004001d0 in raise () from /lib/x.so
 No locals.
 #1  <signal handler called>
 .
 #2  0x0000000000400abc in *strlen (s=0x0) at strlen.c:3
         s = 0x0
 #3  0x0000000000400b00 in Größe::~Größe (this=0x1) at a.cc:9
 #4  0x0000000000400c00 in main ()
`;

const segfaultAnswer = {
  signature: "/usr/bin/größe:11:strlen:Größe::~Größe:main",
  addressSignature: "/usr/bin/größe:11:/usr/bin/größe+1d0:/usr/bin/größe+abc:/usr/bin/größe+b00:/usr/bin/größe+c00",
  stacktraceTop: "strlen (s=0x0) at strlen.c:3\nGröße::~Größe (this=0x1) at a.cc:9\nmain ()",
  useful: true,
};

test("a report with a trace and no top gets its top derived, and both signatures", async () => {
  await using folder = await temporaryFolder("signature");
  await writeFile(join(folder.path, "a.crash"), segfault);
  const result = await signature(folder.path, "--json", "a.crash");
  expect(jsonLines(result)).toEqual([{ file: "a.crash", ...segfaultAnswer }]);
  expect([result.exitCode, result.stderr]).toEqual([0, ""]);
});

test("a report's own top is taken as it is", async () => {
  await using folder = await temporaryFolder("signature");
  await writeFile(join(folder.path, "a.crash"), `${segfault}StacktraceTop:\n ?? ()\n x ()\n`);
  const [answer] = jsonLines(await signature(folder.path, "--json", "a.crash"));
  expect(answer).toMatchObject({ signature: null, stacktraceTop: "?? ()\nx ()", useful: false });
});

test("an unreadable report is told on stderr and in its line, and the others are shown", async () => {
  await using folder = await temporaryFolder("signature");
  await writeFile(join(folder.path, "good.crash"), segfault);
  await writeFile(join(folder.path, "bad.crash"), "ProblemType: Crash\nno colon\n");
  const result = await signature(folder.path, "bad.crash", "missing.crash", "good.crash", "--json");
  expect(result.exitCode).toBe(1);
  expect(jsonLines(result)).toEqual([
    { file: "bad.crash", error: expect.stringContaining("line 2") },
    { file: "missing.crash", error: expect.stringContaining("ENOENT") },
    { file: "good.crash", ...segfaultAnswer },
  ]);
  expect(result.stderr.split("\n")).toEqual([
    expect.stringMatching(/^crash-digger: bad\.crash: line 2/),
    expect.stringMatching(/^crash-digger: missing\.crash: .*ENOENT/),
    "",
  ]);
});

test("maps that cannot be understood cost the address signature only, and are told", async () => {
  await using folder = await temporaryFolder("signature");
  await writeFile(join(folder.path, "a.crash"), segfault.replace(" 00601000", " garbage\u001b[2J"));
  const result = await signature(folder.path, "--json", "a.crash");
  const { addressSignature: _, ...others } = segfaultAnswer;
  expect(jsonLines(result)).toEqual([
    {
      file: "a.crash",
      addressSignature: null,
      addressSignatureError: expect.stringMatching(/^ProcMaps line 2 /),
      ...others,
    },
  ]);
  expect(result.exitCode).toBe(0);
  expect(result.stderr).toMatch(/^crash-digger: a\.crash: ProcMaps line 2 .*\\x1b\[2J/);
});

test("the file of a Python program's own code is resolved when it is a link here", async () => {
  await using folder = await temporaryFolder("signature");
  const [program, link] = [join(folder.path, "program.py"), join(folder.path, "link")];
  await writeFile(program, "");
  await symlink(program, link);
  const place = (path: string): string => ` \u0020 File "${path}", line 3, in <module>\n`;
  const places = [link, program, `${link}/x`, "link"].map(place).join("");
  await writeFile(
    join(folder.path, "a.crash"),
    `ProblemType: Crash\nExecutablePath: ${link}\nTraceback:\n Traceback (most recent call last):\n${places} NameError: x\n`,
  );
  const result = await signature(folder.path, "--json", "a.crash");
  expect(jsonLines(result)).toEqual([
    {
      file: "a.crash",
      signature: `${link}:NameError:${program}@3:${program}@3:${link}/x@3:link@3`,
      addressSignature: null,
      stacktraceTop: null,
      useful: false,
    },
  ]);
});

test("people get aligned text without a byte that steers their terminal", async () => {
  await using folder = await temporaryFolder("signature");
  await writeFile(join(folder.path, "a.crash"), segfault.replace("strlen (s=0x0)", "strlen (s=0x0 \u001b]0;x\u0007)"));
  const result = await signature(folder.path, "a.crash");
  expect(result.stdout.toString()).toBe(`a.crash
  signature          ${segfaultAnswer.signature}
  address signature  ${segfaultAnswer.addressSignature}
  useful trace       yes
  top of the stack   strlen (s=0x0 \\x1b]0;x\\x07) at strlen.c:3
                     Größe::~Größe (this=0x1) at a.cc:9
                     main ()
`);
});

test("without a file the command line is wrong", async () => {
  await using folder = await temporaryFolder("signature");
  const result = await signature(folder.path, "--json");
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain("missing required argument 'file'");
});
