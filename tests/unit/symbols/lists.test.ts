import fc from "fast-check";
import { expect, test } from "vitest";
import { aptLines, leftAnIndexOut } from "../../../src/symbols/archive/apt-failure.ts";
import { pickSettings } from "../../../src/symbols/archive/apt-settings.ts";
import { contentsEntry } from "../../../src/symbols/archive/contents-index.ts";
import { likelihood } from "../../../src/symbols/archive/likely-names.ts";
import { type PackageStanza, stanzaReader } from "../../../src/symbols/archive/package-stanzas.ts";
import { ownRelease } from "../../../src/symbols/archive/releases.ts";

const sha256 = "ab".repeat(32);
const list = `Package: libc6-dbg
Source: glibc (2.36-9)
Version: 2.36-9+b1
Architecture: amd64
Description: detached debugging symbols
 Package: not-a-field
Build-Ids: 0032733b6513f9afeb0e3f78e638ea24dc374a4d 00338ac605150077b2e6646f4a9adcb4881405b1
Size: 12
SHA256: ${sha256}

Package: ../../evil
Version: 1
Architecture: amd64
Size: 12
SHA256: ${sha256}


Package: bash
Version: 5.2.15-2
Architecture: amd64
Size: 12
SHA256: ${sha256}`;

function readCut(cuts: readonly number[]): PackageStanza[] {
  const bytes = Buffer.from(list);
  const found: PackageStanza[] = [];
  const reader = stanzaReader((stanza) => found.push(stanza));
  const edges = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
  for (const [index, edge] of edges.entries()) reader.take(bytes.subarray(edge, edges[index + 1] ?? bytes.length));
  reader.end();
  return found;
}

test("a Packages list reads the same however it is cut into pieces", () => {
  const whole = readCut([]);
  expect(whole).toMatchObject([
    { name: "libc6-dbg", source: "glibc", sourceVersion: "2.36-9", version: "2.36-9+b1", sizeBytes: 12 },
    { name: "bash", source: "bash", sourceVersion: "5.2.15-2", buildIds: [] },
  ]);
  expect(whole[0]?.buildIds).toHaveLength(2);
  fc.assert(
    fc.property(fc.array(fc.nat(list.length), { maxLength: 30 }), (cuts) => {
      expect(readCut(cuts)).toEqual(whole);
    }),
  );
});

test("a line without an end costs its length once, and what follows it is read", () => {
  const found: PackageStanza[] = [];
  const reader = stanzaReader((stanza) => found.push(stanza));
  const piece = Buffer.alloc(4096, "x");
  reader.take(Buffer.from("Package: broken\nBuild-Ids: "));
  // Copied for each piece, it would be a hundred gigabytes: no test waits for that.
  for (let count = 0; count < 8192; count++) reader.take(piece);
  reader.take(Buffer.from(`\n\n${list}`));
  reader.end();
  expect(found.map((stanza) => stanza.name)).toEqual(["libc6-dbg", "bash"]);
});

test("lines of a Contents list give path and package names, with blanks in paths and many packages", () => {
  expect(contentsEntry("usr/bin/sleep    utils/coreutils")).toEqual({ path: "usr/bin/sleep", packages: "coreutils" });
  expect(contentsEntry("lib/a b.so.1 libs/liba1,universe/libs/liba1-x")).toEqual({
    path: "lib/a b.so.1",
    packages: "liba1,liba1-x",
  });
});

test("lines that name nothing a process loads are left out", () => {
  const lines = [
    "usr/share/doc/x libs/x",
    "FILE LOCATION",
    "usr/lib/x/y.py libs/x",
    "usr/lib/debug/x libs/x",
    "",
    "usr/bin/",
  ];
  expect(lines.map(contentsEntry)).toEqual(lines.map(() => null));
});

test("libraries are likely in the package that is named after their soname", () => {
  const scores = (path: string, ...names: string[]) => names.map((name) => likelihood(path, name));
  expect(scores("/usr/lib/libfoo.so.3.4.1", "libfoo3", "libfoo3t64", "libfoo31", "libfoo-dev")).toEqual([3, 2, 0, 0]);
  expect(scores("/usr/lib/libX11.so.6.4.0", "libx11-6", "libx11-data")).toEqual([3, 0]);
  expect(scores("/usr/lib/libgtk-3.so.0.2404.32", "libgtk-3-0", "libgtk-3-common")).toEqual([3, 0]);
  expect(scores("/usr/bin/bash", "bash", "bash-completion", "dash")).toEqual([3, 1, 0]);
});

test("of the machine's apt settings only those for transport are taken over, never hooks", () => {
  const dump = [
    'Acquire::http::Proxy "http://proxy.example:3128";',
    'Acquire::https::archive.example::SslCert "/etc/ssl/c.pem";',
    'Acquire::ftp::Proxy "DIRECT";',
    'Acquire::Check-Valid-Until "false";',
    'APT::Update::Post-Invoke:: "touch /tmp/x";',
    'Acquire::IndexTargets::deb::DEP-11::MetaKey "x";',
    'Acquire::http::Proxy "quoted" "twice";',
    'Dir::Etc::parts "apt.conf.d";',
  ].join("\n");
  const names = (forOwnSources: boolean) => pickSettings(dump, forOwnSources).map(({ name }) => name);
  const transport = ["Acquire::http::Proxy", "Acquire::https::archive.example::SslCert", "Acquire::ftp::Proxy"];
  expect(names(false)).toEqual(transport);
  expect(names(true)).toEqual([...transport, "Acquire::Check-Valid-Until"]);
});

test("apt's own lines are kept, without the passwords of its sources", () => {
  const output = "Get:1 x\nE: Failed to fetch http://user:secret@archive.example/x  404\nW: Some index\nN: hint\n";
  expect(aptLines(output)).toEqual(["E: Failed to fetch http://***@archive.example/x  404", "W: Some index"]);
});

test("warnings that an index was left out count, others do not", () => {
  const left = "W: Some index files failed to download. They have been ignored, or old ones used instead.";
  expect(leftAnIndexOut(left)).toBe(true);
  expect(leftAnIndexOut("W: http://archive.example: Key is stored in legacy trusted.gpg keyring")).toBe(false);
});

test("this machine's release is told as reports tell it", () => {
  expect(ownRelease('NAME="Debian GNU/Linux"\nVERSION_ID="12"\n')).toBe("Debian 12");
  expect(ownRelease('NAME="Ubuntu"\nVERSION_ID="24.04"\n')).toBe("Ubuntu 24.04");
  expect(ownRelease('NAME="Debian GNU/Linux"\nVERSION_CODENAME=sid\n')).toBeNull();
});
