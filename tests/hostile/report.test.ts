import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "../../src/system/process.ts";
import { nodeEnvironment } from "../lab/command.ts";

const mebibyte = 1024 ** 2;
const reader = fileURLToPath(new URL("report-reader.ts", import.meta.url));

type Outcome = { readonly outcome: string; readonly peakBytes: number };

async function readInOwnProcess(name: string): Promise<Outcome> {
  const result = await run([process.execPath, "--max-old-space-size=128", reader, name], {
    deadlineMs: 100_000,
    env: nodeEnvironment,
  });
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  return JSON.parse(result.stdout.toString());
}

// What a Node process that reads an empty report needs, to compare with.
const idle = readInOwnProcess("nothing");

test("an empty report is told apart from a hostile one", async () => {
  expect((await idle).outcome).toBe("empty");
});

// Texts may take their limit of 64 MiB, and as much again while they are put together and decoded.
test.each([
  { name: "one line without an end", outcome: "too-large", extraBytes: 64 * mebibyte },
  { name: "one line in tiny pieces", outcome: "too-large", extraBytes: 64 * mebibyte },
  { name: "a million fields", outcome: "too-many-fields", extraBytes: 64 * mebibyte },
  { name: "four thousand fields of 30 kB", outcome: "too-large", extraBytes: 192 * mebibyte },
  { name: "a text of tiny lines", outcome: "too-large", extraBytes: 128 * mebibyte },
  { name: "a text of odd bytes", outcome: "read", extraBytes: 192 * mebibyte },
  { name: "a base64 field of empty lines", outcome: "truncated", extraBytes: 64 * mebibyte },
  { name: "two gigabytes of zeros", outcome: "read", extraBytes: 128 * mebibyte },
  { name: "a bomb of zstd", outcome: "too-large", extraBytes: 128 * mebibyte },
  { name: "a core of 200 MB that does not compress", outcome: "read", extraBytes: 128 * mebibyte },
  { name: "a million empty zstd frames", outcome: "bad-compression", extraBytes: 64 * mebibyte },
])("$name is dealt with in bounded memory", async ({ name, outcome, extraBytes }) => {
  const { peakBytes } = await idle;
  const result = await readInOwnProcess(name);
  expect(result.outcome).toBe(outcome);
  expect(result.peakBytes - peakBytes).toBeLessThan(extraBytes);
});
