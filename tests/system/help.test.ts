import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { program } from "../../src/cli/main.ts";
import { run } from "../../src/system/process.ts";
import { launcher } from "../lab/command.ts";

// What every `--help` says is kept in help/*.txt, one file a command. After a change look at `vitest -u`'s difference:
// it is what people will read.

const folder = join(import.meta.dirname, "help");

type Named = { readonly words: readonly string[]; readonly command: Command };

function commandsBelow(command: Command, words: readonly string[] = [command.name()]): readonly Named[] {
  return [{ words, command }, ...command.commands.flatMap((child) => commandsBelow(child, [...words, child.name()]))];
}

function helpOf(command: Command): string {
  const pieces: string[] = [];
  command.configureOutput({ writeOut: (piece) => void pieces.push(piece), getOutHelpWidth: () => 100 });
  command.outputHelp();
  return pieces.join("");
}

function fileOf(words: readonly string[]): string {
  return `${words.join("-")}.txt`;
}

const commands = commandsBelow(program());

test.each(commands.map(({ words, command }) => [words.join(" "), words, command] as const))(
  "%s --help",
  async (_name, words, command) => {
    const text = helpOf(command);
    await expect(text).toMatchFileSnapshot(join(folder, fileOf(words)));
    expect(command.description()).toMatch(/^[a-z].*[^.]$/);
    expect(text).toMatch(/^Examples:\n {2}\S/m);
    expect(text).toMatch(/^Exit codes: 0 /m);
    const tooWide = text.split("\n").filter((line) => [...line].length > 120);
    expect(tooWide).toEqual([]);
  },
);

test("each kept help is that of a command", async () => {
  expect((await readdir(folder)).sort()).toEqual(commands.map(({ words }) => fileOf(words)).sort());
});

test.each([
  ["--help", "crash-digger.txt"],
  ["dupdb --help", "crash-digger-dupdb.txt"],
  ["cache prune --help", "crash-digger-cache-prune.txt"],
])("crash-digger %s as built prints the same, and nothing on stderr", async (words, file) => {
  const result = await run([launcher, ...words.split(" ")], { deadlineMs: 60_000 });
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  expect(result.stdout.toString("utf8")).toBe(await readFile(join(folder, file), "utf8"));
});

test("a reader that goes away before the end is no failure", async () => {
  const script = `{ "$1" --help; echo $? >&2; } | true`;
  const result = await run(["sh", "-c", script, "sh", launcher], { deadlineMs: 60_000 });
  expect(result.stderr).toBe("0\n");
});
