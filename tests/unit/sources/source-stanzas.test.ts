import { expect, test } from "vitest";
import { sourceReader } from "../../../src/sources/source-stanzas.ts";
import type { ListedSource } from "../../../src/sources/types.ts";

const sha256 = "ab".repeat(32);

function stanza(fields: Readonly<Record<string, string>> = {}): string {
  const all = {
    Package: "foo",
    Binary: "libfoo1",
    Version: "1.0-1",
    Format: "3.0 (quilt)",
    "Checksums-Sha256": `\n ${sha256} 12 foo_1.0.orig.tar.xz`,
    Directory: "pool/main/f/foo",
    ...fields,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}:${value.startsWith("\n") ? "" : " "}${value}\n`);
  return `${lines.join("")}\n`;
}

function found(text: string, pieceLength = text.length): readonly ListedSource[] {
  const sources: ListedSource[] = [];
  const reader = sourceReader([{ name: "foo", version: "1.0-1" }], "http://archive.example/debian/", (source) =>
    sources.push(source),
  );
  for (let at = 0; at < text.length; at += pieceLength) reader.take(Buffer.from(text.slice(at, at + pieceLength)));
  reader.end();
  return sources;
}

test("the wanted version is found among others, in whatever pieces the list comes", () => {
  const list = stanza({ Version: "0.9-1" }) + stanza({ Package: "foobar" }) + stanza().trimEnd();
  for (const pieceLength of [1, 7, list.length]) {
    expect(found(list, pieceLength)).toEqual([
      {
        name: "foo",
        version: "1.0-1",
        format: "3.0 (quilt)",
        folderUri: "http://archive.example/debian/pool/main/f/foo/",
        files: [{ name: "foo_1.0.orig.tar.xz", sha256, sizeBytes: 12 }],
      },
    ]);
  }
});

test.each([
  [{ Directory: "../../elsewhere" }],
  [{ Directory: "pool/main/../../.." }],
  [{ Directory: "/etc" }],
  [{ Directory: "pool/f?x=" }],
  [{ "Checksums-Sha256": `\n ${sha256} 12 ../foo.tar.xz` }],
  [{ "Checksums-Sha256": `\n ${sha256} 12 -o` }],
  [{ "Checksums-Sha256": "\n 1234 12 foo.tar.xz" }],
  [{ "Checksums-Sha256": "" }],
])("%j is not believed", (fields) => {
  expect(found(stanza(fields))).toEqual([]);
});
