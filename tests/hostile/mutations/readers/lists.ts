import { DatabaseSync } from "node:sqlite";
import { aptLines, leftAnIndexOut } from "../../../../src/symbols/archive/apt-failure.ts";
import { pickSettings } from "../../../../src/symbols/archive/apt-settings.ts";
import type { IndexRecipe } from "../../../../src/symbols/archive/built-index.ts";
import { contentsIndexRecipe } from "../../../../src/symbols/archive/contents-index.ts";
import { packageIndexRecipe } from "../../../../src/symbols/archive/package-index.ts";
import { isPackageName } from "../../../../src/symbols/archive/package-stanzas.ts";
import { ownRelease } from "../../../../src/symbols/archive/releases.ts";
import type { Random } from "../../../lab/random.ts";
import { ensure, type MutatedReader } from "../reader.ts";

const buildIds = Array.from({ length: 4 }, (_, index) => `${index}a`.repeat(20)).join(" ");
const stanza = (name: string, rest = ""): string =>
  `Package: ${name}\nVersion: 1:2.36-9+b1~x\nArchitecture: amd64\nSize: 4096\nSHA256: ${"ab".repeat(32)}\n${rest}\n`;

/** Packages lists, read into the index as they come out of apt: in pieces of any size. */
export function packagesReader(): MutatedReader {
  const list = [
    stanza("libc6-dbg", `Source: glibc (2.36-9)\nBuild-Ids: ${buildIds}\nAuto-Built-Package: debug-symbols\n`),
  ];
  return {
    samples: [
      [...list, stanza("bash", "Description: a shell\n Package: no\n"), stanza("0ad")].join("\n"),
      stanza("a+b.c-1"),
    ].map((text) => Buffer.from(text)),
    read: (bytes, random) => {
      const rows = indexed(packageIndexRecipe, bytes, random, "packages");
      for (const row of rows) ensure(isPackageName(String(row["name"])), "every name in the index is a package's");
      const whole = indexed(packageIndexRecipe, bytes, null, "packages");
      ensure(JSON.stringify(rows) === JSON.stringify(whole), "a list reads the same however it is cut into pieces");
    },
  };
}

/** Contents lists. */
export function contentsReader(): MutatedReader {
  const list = [
    "usr/bin/sleep      utils/coreutils",
    "lib/x86_64-linux-gnu/a b.so.1\tlibs/liba1,universe/libs/liba1-x",
  ];
  return {
    samples: [`${list.join("\n")}\nusr/lib/libé.so.1   libs/libe1\n`, "FILE   LOCATION\nbin/sh  shells/dash\n"].map(
      (text) => Buffer.from(text),
    ),
    read: (bytes, random) => {
      const rows = indexed(contentsIndexRecipe, bytes, random, "paths");
      for (const row of rows) ensure(String(row["path"]) !== "", "no path is empty");
    },
  };
}

/** What apt and the system print and keep as text: apt's complaints, `apt-config dump`, os-release. */
export function aptTextReader(): MutatedReader {
  const complaints = `Get:1 http://archive.example lab InRelease\nE: Failed to fetch http://user:secret@archive.example/x  404\nW: Some index files failed to download. They have been ignored, or old ones used instead.\n`;
  const dump = `Acquire::http::Proxy "http://proxy.example:3128";\nAPT::Update::Post-Invoke:: "touch /tmp/x";\nAcquire::https::archive.example::SslCert "/etc/ssl/c.pem";\n`;
  const release = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n`;
  return {
    samples: [complaints, dump, release].map((text) => Buffer.from(text)),
    read: (bytes) => {
      const text = bytes.toString("utf8");
      ownRelease(text);
      leftAnIndexOut(text);
      ensure(aptLines(text).length <= 20, "few of apt's lines are kept");
      for (const { name, value } of pickSettings(text, true)) {
        ensure(
          /^Acquire::/.test(name) && !/["\n\\]/.test(value),
          "only transport settings, which apt.conf can express",
        );
      }
    },
  };
}

function indexed(recipe: IndexRecipe, bytes: Buffer, random: Random | null, table: string) {
  using sqlite = new DatabaseSync(":memory:");
  sqlite.exec(`${recipe.schema}; BEGIN`);
  const { take, endList } = recipe.begin(sqlite);
  for (let from = 0; from < bytes.length; ) {
    const length = random === null ? bytes.length : 1 + random.below(4096);
    take(bytes.subarray(from, from + length));
    from += length;
  }
  endList();
  sqlite.exec(`COMMIT; ${recipe.finish}`);
  return sqlite.prepare(`SELECT * FROM ${table} ORDER BY rowid`).all();
}
