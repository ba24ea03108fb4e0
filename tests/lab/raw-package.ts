import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { type Header, pack } from "tar-stream";
import type { BuiltPackage } from "./package.ts";

/** A member of a tar file exactly as it is to stand there; dpkg-deb would not write some of them. */
export type RawEntry = Partial<Header> & { readonly name: string; readonly content?: Buffer };

/**
 * Builds a package whose content nobody has checked: names with `..`, links to anywhere, devices.
 *
 * @param control text of the control file.
 */
export async function buildRawPackage(
  identity: Omit<BuiltPackage, "path">,
  control: Readonly<Record<string, string>>,
  entries: readonly RawEntry[],
  folder: string,
): Promise<BuiltPackage> {
  const { name, version, architecture } = identity;
  const fields = { Package: name, Version: version, Architecture: architecture, ...control };
  const lines = Object.entries({ ...fields, Description: "made to do harm" }).map(
    ([key, value]) => `${key}: ${value}\n`,
  );
  const controlFile = { name: "./control", content: Buffer.from(lines.join("")) };
  const path = join(folder, `${name}_${version}_${architecture}.deb`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, debOf({ "control.tar": await tarOf([controlFile]), "data.tar": await tarOf(entries) }));
  return { ...identity, path };
}

/** The bytes of a package made of these parts (deb(5)), e.g. `control.tar.gz` and `data.tar.gz`. */
export function debOf(parts: Readonly<Record<string, Buffer>>): Buffer {
  const members = Object.entries({ "debian-binary": Buffer.from("2.0\n"), ...parts });
  return Buffer.concat([Buffer.from("!<arch>\n"), ...members.map(([name, content]) => arMember(name, content))]);
}

// ar(5): name, time, owner, group, mode, size; each member begins at an even offset.
function arMember(name: string, content: Buffer): Buffer {
  const columns = [name.padEnd(16), "0".padEnd(12), "0".padEnd(6), "0".padEnd(6), "100644".padEnd(8)];
  const header = `${columns.join("")}${String(content.length).padEnd(10)}\x60\n`;
  return Buffer.concat([Buffer.from(header), content, Buffer.from(content.length % 2 === 0 ? "" : "\n")]);
}

/** A tar file of members that nobody has checked. */
export async function tarOf(entries: readonly RawEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content, ...headers } of entries) {
    if (content === undefined) tar.entry(headers);
    else tar.entry(headers, content);
  }
  tar.finalize();
  return await buffer(tar);
}
