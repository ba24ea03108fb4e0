import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { type Header, pack } from "tar-stream";
import type { BuiltPackage } from "./package.ts";
import { temporaryFolder } from "./temporary.ts";
import { tool } from "./tool.ts";

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
  await using parts = await temporaryFolder("raw-package");
  const { name, version, architecture } = identity;
  const fields = { Package: name, Version: version, Architecture: architecture, ...control };
  const lines = Object.entries({ ...fields, Description: "made to do harm" }).map(
    ([key, value]) => `${key}: ${value}\n`,
  );
  const controlFile = { name: "./control", content: Buffer.from(lines.join("")) };
  await writeFile(join(parts.path, "debian-binary"), "2.0\n");
  await writeFile(join(parts.path, "control.tar"), await tarOf([controlFile]));
  await writeFile(join(parts.path, "data.tar"), await tarOf(entries));
  const path = join(folder, `${name}_${version}_${architecture}.deb`);
  await mkdir(dirname(path), { recursive: true });
  await tool(["ar", "-rcD", path, "debian-binary", "control.tar", "data.tar"], { cwd: parts.path });
  return { ...identity, path };
}

async function tarOf(entries: readonly RawEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content, ...headers } of entries) {
    if (content === undefined) tar.entry(headers);
    else tar.entry(headers, content);
  }
  tar.finalize();
  return await buffer(tar);
}
