import { readFile } from "node:fs/promises";
import { ownRelease } from "../symbols/archive/releases.ts";

/**
 * This machine's DistroRelease as reports name it: `Debian 12`, `Ubuntu 24.04`. Debian's testing and unstable
 * have no number, so that the code name stands in its place: `Debian trixie`.
 */
export async function machineRelease(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8");
  return ownRelease(text) ?? `${distribution(text)} ${osReleaseField(text, "VERSION_CODENAME") ?? ""}`.trim();
}

/** Names under which the archives of this machine's distribution call themselves, in lower case: `debian`, `ubuntu`. */
export async function distributionNames(): Promise<ReadonlySet<string>> {
  const text = await readFile("/etc/os-release", "utf8");
  const like = (osReleaseField(text, "ID_LIKE") ?? "").split(" ");
  const names = [osReleaseField(text, "ID") ?? "", distribution(text), ...like];
  return new Set(names.map((name) => name.toLowerCase()).filter((name) => name !== ""));
}

function distribution(text: string): string {
  return (osReleaseField(text, "NAME") ?? "Linux").replace(" GNU/Linux", "");
}

/** A setting of os-release(5), null when it is missing or empty. */
function osReleaseField(text: string, name: string): string | null {
  return new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(text)?.[1] || null;
}
