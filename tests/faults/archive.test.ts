import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { publish } from "../lab/archive.ts";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { crashReport } from "../lab/crash-report.ts";
import { createSignedLab, type Lab } from "../lab/lab.ts";
import type { Publication } from "../lab/publish.ts";
import { fewOf } from "../lab/random.ts";
import { type Fault, startServer } from "../lab/server.ts";
import { createSigningKey } from "../lab/signing.ts";
import { writeReleaseFolder } from "../lab/sources.ts";

// Each of the ways stops the source itself in tests/integration/symbols/archive-failures.test.ts. Here a whole batch meets
// one of each kind; all of them with CRASH_DIGGER_LONG=1.

let lab: Lab;
let report: string;
let command: CommandLab;
let crash: number;

beforeAll(async () => {
  lab = await createSignedLab();
  report = await crashReport(lab, lab.programs.workers);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

beforeEach(async () => {
  command = await createCommandLab(lab, "[symbols]\napt_timeout_s = 300\nsource_lines = false\n");
  crash = await command.submit(report);
});

async function setAptTimeout(seconds: number): Promise<void> {
  const config = await readFile(command.configFile, "utf8");
  await writeFile(command.configFile, config.replace(/^apt_timeout_s = .*$/m, `apt_timeout_s = ${seconds}`));
}

async function setMirror(uri: string): Promise<void> {
  const sources = [{ archive: lab.archive, uri }];
  await writeReleaseFolder(lab.configFolder, { release: lab.release, codename: "lab", sources });
}

/** The batch stops loudly, leaves the crash alone and its lock behind. */
async function expectStopped(complaint: RegExp): Promise<void> {
  const before = await command.crash(crash);
  const batch = await command.crashDigger(["run"]);
  expect(batch.exitCode).toBe(1);
  expect(batch.stderr).toMatch(complaint);
  expect(batch.stderr).toMatch(/\n {2,}at /);
  expect(await readFile(command.lockPath, "utf8")).toMatch(/^reason: .*apt-get (update|download) .* failed/m);
  expect(await command.crash(crash)).toEqual(before);
}

/** While the lock of the failure is there nothing is done; after `unlock` the crash is traced. */
async function expectToRecover(): Promise<void> {
  const asked = lab.server.hits().length;
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0 });
  expect(lab.server.hits()).toHaveLength(asked);
  expect(await command.crashDigger(["unlock"])).toMatchObject({ exitCode: 0 });
  expect(await command.crashDigger(["run"])).toMatchObject({ exitCode: 0, stderr: "" });
  const { header, attachmentTexts } = await command.crash(crash);
  expect(header.tags).not.toContain(`need-${lab.architecture}-retrace`);
  expect(attachmentTexts.get("StacktraceTop.txt")).toMatch(/^count_pages .*\nprint_job .*\nhandle_job /);
}

const faults: [string, RegExp, Fault, RegExp][] = [
  [
    "a package is cut off",
    /dbgsym.*\.deb/,
    { kind: "truncated" },
    /reading from server|Connection failed|unexpected size|Undetermined Error/,
  ],
  ["a package list has other bytes", /\/Packages/, { kind: "wrong-bytes" }, /Hash Sum mismatch/],
  ["the mirror answers 503 to the update", /InRelease/, { kind: "status", status: 503 }, /503\s+Service Unavailable/],
  ["a package list is missing", /\/Packages/, { kind: "status", status: 404 }, /404\s+Not Found/],
  ["a package is missing", /dbgsym.*\.deb/, { kind: "status", status: 404 }, /404\s+Not Found/],
  ["a package has other bytes", /dbgsym.*\.deb/, { kind: "wrong-bytes" }, /Hash Sum mismatch|[Hh]ash/],
  ["a package is redirected in a circle", /dbgsym.*\.deb/, { kind: "redirect-loop" }, /Redirection loop/],
];

test.each(fewOf(faults, 1))("when %s the batch stops, and no crash is lost", async (_, path, fault, complaint) => {
  const end = lab.server.misbehave(path, fault);
  try {
    await expectStopped(complaint);
  } finally {
    end();
  }
  await expectToRecover();
});

const endless: [string, RegExp, Fault][] = [
  ["the mirror does not answer", /InRelease/, { kind: "hang" }],
  ["a package is redirected without end", /dbgsym.*\.deb/, { kind: "redirect-without-end" }],
  ["a package drips in, a byte a second", /dbgsym.*\.deb/, { kind: "drip", bytesPerPiece: 1, pauseMs: 1000 }],
];

test.each(fewOf(endless, 1))(
  "when %s the batch stops at its deadline, and no crash is lost",
  async (_, path, fault) => {
    const end = lab.server.misbehave(path, fault);
    try {
      await setAptTimeout(3);
      await expectStopped(/stopped at its deadline after \d+ s/);
    } finally {
      end();
    }
    await setAptTimeout(300);
    await expectToRecover();
  },
);

test("when nobody listens at the mirror's address the batch stops, and no crash is lost", async () => {
  const gone = await startServer(lab.folder);
  await gone.close();
  try {
    await setMirror(gone.url);
    await expectStopped(/Could not connect|Connection refused/);
  } finally {
    await setMirror(lab.server.url);
  }
  await expectToRecover();
});

const publications: [string, () => Promise<Publication>, RegExp][] = [
  ["is no longer signed", async () => ({ signing: "none" }), /is not signed|no longer signed/],
  ["has expired", async () => ({ validUntil: new Date("2001-01-01T00:00:00Z") }), /expired/],
  ["was tampered with", async () => ({ signing: "tampered" }), /is not signed|invalid|Verification error/],
  [
    "is signed by a stranger",
    async () => ({ signing: await createSigningKey(join(lab.folder, "stranger")) }),
    /NO_PUBKEY|is not signed|Verification error|Missing key/,
  ],
];

test.each(fewOf(publications, 1))(
  "when the archive %s the batch stops, and no crash is lost",
  async (_, publication, complaint) => {
    try {
      await publish(lab.archive, await publication());
      await expectStopped(complaint);
    } finally {
      await publish(lab.archive);
    }
    await expectToRecover();
  },
);
