import { createHash } from "node:crypto";
import { access, constants, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceFailure } from "../../system/failure.ts";
import { minimalEnvironment } from "../../system/process.ts";
import { asideName } from "../cache/owner.ts";
import { type AptSetting, readMachineSettings } from "./apt-settings.ts";
import type { ReleaseSources } from "./releases.ts";

/** A private apt: its own lists and caches, the release's sources, and nothing of the machine's hooks. */
export type AptRoot = {
  readonly folder: string;
  readonly architecture: string;
  /** For messages: which sources it serves. */
  readonly title: string;
  /** The whole environment that every apt program of this root runs with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Held (flock) while lists are being changed, by whichever process. */
  readonly lockFile: string;
  /** Packages that were downloaded, by the sha256 of the archive's index. */
  readonly packagesFolder: string;
};

/** Makes (or finds) the private root for a release's sources below `folder`. Safe for several processes at once. */
export async function openAptRoot(folder: string, sources: ReleaseSources, signal: AbortSignal): Promise<AptRoot> {
  const root = join(folder, rootName(sources));
  for (const part of [
    "lists/partial",
    "contents-lists/partial",
    "source-lists/partial",
    "archives/partial",
    "packages",
  ]) {
    await mkdir(join(root, part), { recursive: true, mode: 0o755 });
  }
  const statusFile = join(root, "status");
  await writeFile(statusFile, "", { flag: "a" });
  const configuration = await aptConfiguration(root, sources, signal);
  const configurationFile = join(root, "apt.conf");
  await replaceIfChanged(configurationFile, configuration);
  return {
    folder: root,
    architecture: sources.architecture,
    title: sources.system ? "this machine's own package sources" : `the package sources of ${sources.release}`,
    environment: { ...minimalEnvironment, APT_CONFIG: configurationFile },
    lockFile: join(root, "lock"),
    packagesFolder: join(root, "packages"),
  };
}

/**
 * Name of a root's folder. "Debian 12" and "Debian_12" are two releases, and two configurations may share a cache:
 * the digest keeps them apart, the readable part is for people. The release was checked against a pattern before
 * it came here.
 */
export function rootName(sources: ReleaseSources): string {
  const identity = JSON.stringify([sources.release, sources.sourceList, sources.sourceParts]);
  const digest = createHash("sha256").update(identity).digest("hex").slice(0, 8);
  return `${sources.release.replace(/[^A-Za-z0-9.+-]/g, "_")}-${sources.architecture}-${digest}`;
}

async function aptConfiguration(root: string, sources: ReleaseSources, signal: AbortSignal): Promise<string> {
  const settings: AptSetting[] = [
    // APT_CONFIG is read first of all; with these two, neither apt.conf nor apt.conf.d is read after it.
    { name: "Dir::Etc::main", value: "/dev/null" },
    { name: "Dir::Etc::parts", value: "/dev/null" },
    { name: "Dir::Etc::sourcelist", value: sources.sourceList ?? "/dev/null" },
    { name: "Dir::Etc::sourceparts", value: sources.sourceParts ?? "/dev/null" },
    { name: "Dir::Etc::trusted", value: sources.system ? "/etc/apt/trusted.gpg" : "/dev/null" },
    { name: "Dir::Etc::trustedparts", value: sources.trustedParts },
    { name: "Dir::Etc::netrc", value: await readableFile("/etc/apt/auth.conf") },
    { name: "Dir::Etc::netrcparts", value: await readableFolder("/etc/apt/auth.conf.d") },
    { name: "Dir::Etc::preferences", value: "/dev/null" },
    { name: "Dir::Etc::preferencesparts", value: "/dev/null" },
    { name: "Dir::State", value: root },
    { name: "Dir::State::lists", value: join(root, "lists/") },
    { name: "Dir::State::status", value: join(root, "status") },
    { name: "Dir::Cache", value: root },
    { name: "Dir::Cache::archives", value: join(root, "archives/") },
    { name: "Dir::Log", value: root },
    { name: "APT::Architecture", value: sources.architecture },
    { name: "APT::Architectures::", value: sources.architecture },
    // apt as root would drop to _apt, who cannot write here; as an ordinary user it drops nothing anyway.
    { name: "APT::Sandbox::User", value: "root" },
    { name: "Acquire::Languages::", value: "none" },
    { name: "Acquire::Retries", value: "3" },
    { name: "Acquire::http::Timeout", value: "60" },
    { name: "Acquire::https::Timeout", value: "60" },
    ...contentsTargets(sources.architecture),
    ...sourcesTarget,
    ...(await readMachineSettings(sources.system, signal)),
  ];
  return `${settings.map(render).join("\n")}\n`;
}

// Contents lists are large, so they are targets that only an update for them switches on. Debian has one a
// component, Ubuntu (and older archives) one a release; the second is asked for where the first is missing.
// The architecture is written out: with $(ARCHITECTURE), and with $(NATIVE_ARCHITECTURE) too, apt fetches
// Contents-all as well, which is three times the size (34 MB for bookworm) and names no ELF file.
function contentsTargets(architecture: string): readonly AptSetting[] {
  return [
    ...contentsTarget("Contents-deb", `$(COMPONENT)/Contents-${architecture}`, `Contents-${architecture}`),
    ...contentsTarget("Contents-deb-whole", `Contents-${architecture}`, `Contents-${architecture}`),
    { name: "Acquire::IndexTargets::deb::Contents-deb-whole::Fallback-Of", value: "Contents-deb" },
  ];
}

function contentsTarget(target: string, metaKey: string, flatMetaKey: string): readonly AptSetting[] {
  const prefix = `Acquire::IndexTargets::deb::${target}`;
  return [
    { name: `${prefix}::MetaKey`, value: metaKey },
    { name: `${prefix}::flatMetaKey`, value: flatMetaKey },
    { name: `${prefix}::ShortDescription`, value: flatMetaKey },
    { name: `${prefix}::Description`, value: "$(RELEASE)/$(COMPONENT) Contents" },
    { name: `${prefix}::flatDescription`, value: "$(RELEASE) Contents" },
    { name: `${prefix}::Identifier`, value: "Contents-deb" },
    { name: `${prefix}::DefaultEnabled`, value: "false" },
    { name: `${prefix}::Optional`, value: "true" },
    { name: `${prefix}::KeepCompressed`, value: "true" },
    { name: `${prefix}::PDiffs`, value: "false" },
  ];
}

// An archive has its source packages beside the binary ones, so the list of them can be had for a `deb` line too, and
// nobody needs `deb-src` lines for it. Where there are such lines, an ordinary update is not to fetch their lists.
const sourcesTarget: readonly AptSetting[] = [
  ...Object.entries({
    MetaKey: "$(COMPONENT)/source/Sources",
    flatMetaKey: "Sources",
    ShortDescription: "Sources",
    Description: "$(RELEASE)/$(COMPONENT) Sources",
    flatDescription: "$(RELEASE) Sources",
    Identifier: "Sources-deb",
    DefaultEnabled: "false",
    Optional: "true",
    KeepCompressed: "true",
    PDiffs: "false",
  }).map(([name, value]) => ({ name: `Acquire::IndexTargets::deb::Sources-deb::${name}`, value })),
  { name: "Acquire::IndexTargets::deb-src::Sources::DefaultEnabled", value: "false" },
];

// apt.conf knows no escapes: a value with a quote or a line break cannot be written down.
function render(setting: AptSetting): string {
  if (/["\n\\]/.test(setting.value)) {
    throw new ServiceFailure(`apt cannot be given the path ${JSON.stringify(setting.value)} (${setting.name})`, {
      remedy: "Use folder names without quotes, backslashes and line breaks.",
    });
  }
  return `${setting.name} "${setting.value}";`;
}

// apt stops with an error at a credentials file that it may not read. An ordinary user has none to offer, then.
async function readableFile(path: string): Promise<string> {
  return (await isReadable(path)) ? path : "/dev/null";
}

async function readableFolder(path: string): Promise<string> {
  const names = await readdir(path).catch(() => null);
  if (names === null) return "/dev/null";
  const readable = await Promise.all(names.map((name) => isReadable(join(path, name))));
  return readable.every(Boolean) ? path : "/dev/null";
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function replaceIfChanged(path: string, text: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => null)) === text) return;
  const aside = `${path}.${asideName()}`;
  await writeFile(aside, text, { mode: 0o644 });
  await rename(aside, path);
}
