import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDuplicates } from "../../../src/duplicates/duplicates.ts";

const checker = fileURLToPath(new URL("./checker.ts", import.meta.url));
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "duplicates-"));
  path = join(folder, "duplicates.db");
});

afterEach(async () => rm(folder, { recursive: true }));

function startChecker(from: number, to: number): ChildProcess {
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", checker, path, `${from}`, `${to}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function verdictsOf(child: ChildProcess): Promise<readonly string[]> {
  const verdicts: string[] = [];
  const exited = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })) {
    verdicts.push(line.split(" ")[1] ?? "");
  }
  expect((await exited)[0]).toBe(0);
  return verdicts;
}

test("two processes that check at the same time agree on one master for each crash", async () => {
  const [first, second] = await Promise.all([verdictsOf(startChecker(100, 150)), verdictsOf(startChecker(200, 250))]);
  const verdicts = [...first, ...second];
  expect(verdicts.filter((verdict) => verdict === "new")).toHaveLength(10);
  expect(verdicts.filter((verdict) => verdict === "duplicate")).toHaveLength(90);
});

test("a process killed in the middle loses nothing that it had answered", async () => {
  const child = startChecker(100, 100_000);
  const answered: number[] = [];
  for await (const line of createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })) {
    const [id, verdict] = line.split(" ");
    if (verdict === "new") answered.push(Number(id));
    if (Number(id) === 125) child.kill("SIGKILL");
  }
  const duplicates = await openDuplicates(path);
  for (const id of answered) expect(await duplicates.crash(id)).not.toBeNull();
  expect(answered).toHaveLength(10);
  expect(await duplicates.problems()).toEqual([]);
  await duplicates.close();
});
