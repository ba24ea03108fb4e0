import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { extractWishes, type Wish } from "../../../../src/symbols/archive/extract.ts";
import { debOf, tarOf } from "../../../lab/raw-package.ts";
import { ensure, type MutatedReader } from "../reader.ts";

const never = new AbortController().signal;
const content = Buffer.from("the debug file\n".repeat(100));
const maxTakenBytes = 16 * 1024 * 1024;

/** Packages, through the real dpkg-deb. Nothing appears beside them, and what is taken out is what was asked for. */
export async function debReader(folder: string): Promise<MutatedReader> {
  const place = join(folder, "deb");
  await mkdir(place, { recursive: true });
  const path = join(place, "package.deb");
  return {
    samples: await samples(),
    read: async (bytes) => {
      await writeFile(path, bytes);
      const taken: string[] = [];
      try {
        await extractWishes(path, [wish("usr/bin/foo", taken), wish("usr/lib/debug/foo.debug", taken)], never);
      } finally {
        ensure(
          (await readdir(place)).every((name) => name === "package.deb"),
          "nothing is written beside the package",
        );
        ensure(
          taken.every((name) => name.startsWith("usr/")),
          "only what was asked for, or linked from it, is taken",
        );
        await rm(path, { force: true });
      }
    },
  };
}

function wish(place: string, taken: string[]): Wish {
  return {
    places: [place],
    take: async (stream: Readable, name: string) => {
      taken.push(name);
      return (await buffer(stream)).length <= maxTakenBytes;
    },
  };
}

async function samples(): Promise<readonly Buffer[]> {
  const control = await tarOf([
    { name: "./control", content: Buffer.from("Package: foo\nVersion: 1\nArchitecture: all\n") },
  ]);
  const file = { name: "./usr/lib/debug/foo.debug", content };
  // A link costs a second look into the package.
  const linked = await tarOf([
    { name: "./usr/bin/foo", type: "symlink", linkname: "../lib/foo/foo" },
    { name: "./usr/lib/foo/foo", content },
    file,
  ]);
  const members = await tarOf([
    { name: "./", type: "directory" },
    { name: "./usr/bin/foo", content },
    { name: `./usr/lib/${"long/".repeat(40)}name`, content: Buffer.from("x"), pax: { comment: "x".repeat(200) } },
    file,
  ]);
  return [
    debOf({ "control.tar": control, "data.tar": linked }),
    debOf({ "control.tar.gz": gzipSync(control), "data.tar.gz": gzipSync(members) }),
    debOf({ "control.tar.zst": zstdCompressSync(control), "data.tar.zst": zstdCompressSync(members) }),
  ];
}
