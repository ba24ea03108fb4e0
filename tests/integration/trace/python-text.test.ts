import fc from "fast-check";
import { expect, test } from "vitest";
import { blank, digit, linesOf, strip, word } from "../../../src/trace/text.ts";
import { tool } from "../../lab/tool.ts";

// Python itself says what a word character, a blank, a digit and a line are: the rules were made with it.

async function python<Answer>(program: string, input: unknown): Promise<Answer> {
  const header = "import json, re, sys, unicodedata\ninput = json.load(sys.stdin)\n";
  const command = ["/usr/bin/python3", "-c", `${header}print(json.dumps(${program}))`] as const;
  const answer = await tool(command, { stdin: JSON.stringify(input) });
  return JSON.parse(answer.toString()) as Answer;
}

// A character that only the newer of the two Unicode versions knows cannot be compared.
const lastCodePoint = 0x10ffff;

function matchingHere(characterClass: string): readonly number[] {
  const pattern = new RegExp(`^[${characterClass}]$`, "u");
  return Array.from({ length: lastCodePoint + 1 }, (_, code) => code).filter((code) =>
    pattern.test(String.fromCodePoint(code)),
  );
}

test.each([
  { name: "word characters", ours: word, python: String.raw`\w` },
  { name: "blanks", ours: blank, python: String.raw`\s` },
  { name: "digits", ours: digit, python: String.raw`\d` },
])("$name are Python's", async ({ ours, python: theirs }) => {
  const codes = `[c for c in range(${lastCodePoint + 1})`;
  const program = `[${codes} if re.match(input, chr(c))], ${codes} if unicodedata.category(chr(c)) == 'Cn']]`;
  const [matching, unknown] = await python<[number[], number[]]>(program, theirs);
  const unknownThere = new Set(unknown);
  const unknownHere = new Set(matchingHere(String.raw`\p{Cn}`));
  expect(matchingHere(ours).filter((code) => !unknownThere.has(code))).toEqual(
    matching.filter((code) => !unknownHere.has(code)),
  );
});

test("lines and stripped texts are Python's", async () => {
  const piece = fc.constantFrom(
    ..."a|b c|\n|\r|\r\n|\v|\f|\x1c|\x1d|\x1e|\x1f|\x85|\xa0|\u2028|\u2029|\u200b|\ufeff|\t| |\u3000".split("|"),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  const texts = fc.sample(text, 3000);
  const expected = await python<[string[], string][]>("[[t.splitlines(), t.strip()] for t in input]", texts);
  expect(texts.map((each) => [[...linesOf(each)], strip(each)])).toEqual(expected);
});
