import { existsSync } from "node:fs";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ServiceFailure } from "../system/failure.ts";
import { linkOrCopy } from "../system/link-or-copy.ts";
import { run, succeeded } from "../system/process.ts";
import { type ApplyOptions, applyPlan, brokenRemedy, fetchPlanned, insideOptions } from "./apply.ts";
import { asRoot } from "./as-root.ts";
import { commandFailure } from "./failure.ts";
import { rootOf } from "./layout.ts";
import { type Plan, type PlanOptions, planInstall } from "./plan.ts";
import { insidePackages, runInside } from "./sandbox.ts";

/** What every system has beside the essential packages. */
const wantedPackages = ["gdb"];

/**
 * Makes the system of a release in a version's folder: the essential packages and apt are unpacked by mmdebstrap, and
 * set up by dpkg inside; then gdb and what it needs is installed by the system's own apt.
 *
 * @throws ServiceFailure with the failing tool's own words
 */
export async function bootstrap(version: string, options: ApplyOptions): Promise<void> {
  requireMmdebstrap();
  const { place } = options;
  const what = `Making the chroot of ${place.title}`;
  const base = await planOrThrow(what, ["?essential", "apt"], options, null);
  const packages = await fetchPlanned(base.install, options);
  await unpack(what, version, packages, options);
  const view = { kind: "folder", root: rootOf(version) } as const;
  const tidied = await runInside(view, ["sh", "-ec", tidying], insideOptions(options));
  if (!succeeded(tidied.result)) throw commandFailure(what, tidied.result, tidied.output, brokenRemedy);
  const command = ["dpkg", "--force-unsafe-io", "--force-depends", "--install", ...packages];
  // With --force-depends, as mmdebstrap does it: dpkg alone does not heed Pre-Depends, and everything is unpacked already.
  const { result, output } = await runInside(view, command, insideOptions(options));
  if (!succeeded(result)) throw commandFailure(what, result, output, brokenRemedy);
  await applyPlan(what, await planOrThrow(what, wantedPackages, options, view.root), view, options);
}

/** @throws ServiceFailure when mmdebstrap is not installed, or this user can make no system */
export function requireMmdebstrap(isInstalled: (path: string) => boolean = existsSync): void {
  if (!isInstalled("/usr/bin/mmdebstrap")) {
    throw new ServiceFailure("mmdebstrap, which makes the systems of releases, is not installed", {
      remedy: 'Install it: apt-get install mmdebstrap; or set environment = "unpacked".',
    });
  }
  // Whether there is a way for this user at all.
  asRoot();
}

async function planOrThrow(
  what: string,
  wanted: readonly string[],
  { place, deadlineMs, signal }: ApplyOptions,
  system: string | null,
): Promise<Plan> {
  const options: PlanOptions = { root: place.release.root, system, deadlineMs, signal };
  const planned = await planInstall(wanted, options);
  if (planned.kind === "plan") return planned.plan;
  throw new ServiceFailure(`${what} failed: ${wanted.join(" and ")} cannot be installed: ${planned.reason}`, {
    remedy: "The release's package sources have to have its essential packages, apt and gdb: name its main archive.",
  });
}

// mmdebstrap sees an archive of exactly the packages that were planned and verified, and no network. In its variant
// "extract" it runs nothing of theirs.
async function unpack(
  what: string,
  version: string,
  packages: readonly string[],
  options: ApplyOptions,
): Promise<void> {
  const archive = join(version, "archive");
  await writeArchive(archive, packages, options);
  const command: [string, ...string[]] = [
    ...asRoot(),
    // A process namespace: what mmdebstrap has started goes with it.
    ...["unshare", "--net", "--pid", "--fork", "--kill-child", "--"],
    ...[
      "mmdebstrap",
      "--mode=root",
      "--variant=extract",
      "--format=directory",
      "--include=?essential",
      "--include=apt",
    ],
    ...["--skip=check/signed-by,check/qemu,chroot/mount", `--architectures=${options.place.release.root.architecture}`],
    "--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr",
    ...['--aptopt=APT::Install-Recommends "false"', '--aptopt=APT::Sandbox::User "root"'],
    ...["", rootOf(version), `deb [trusted=yes] copy:${encodeURI(archive)} ./`],
  ];
  const { deadlineMs, signal } = options;
  const result = await run(command, { deadlineMs, signal });
  signal.throwIfAborted();
  if (!succeeded(result)) throw commandFailure(`${what} (mmdebstrap)`, result, result.stderr, brokenRemedy);
  await rm(archive, { recursive: true, force: true });
}

/** A flat archive: hard links to the packages, and the stanzas that the release's lists have of them. */
async function writeArchive(archive: string, packages: readonly string[], options: ApplyOptions): Promise<void> {
  const { root } = options.place.release;
  await mkdir(archive, { mode: 0o755 });
  const stanzas: string[] = [];
  for (const seen of packages) {
    const name = seen.slice(insidePackages.length + 1);
    await linkOrCopy(join(root.packagesFolder, name), join(archive, name));
    stanzas.push(await stanzaOf(join(archive, name), name));
  }
  await writeFile(join(archive, "Packages"), stanzas.join("\n"));
}

async function stanzaOf(path: string, name: string): Promise<string> {
  const asked = await run(["dpkg-deb", "--field", path], { deadlineMs: 60_000, maxStdoutBytes: 1024 ** 2 });
  if (!succeeded(asked)) throw commandFailure(`dpkg-deb --field ${path}`, asked, asked.stderr, brokenRemedy);
  const { size } = await stat(path);
  return `${asked.stdout.toString("utf8").trimEnd()}\nFilename: ./${name}\nSize: ${size}\nSHA256: ${name.slice(0, 64)}\n`;
}

// What mmdebstrap took over from this machine or made for itself; and services are not to be started in there. Done inside,
// where /etc and /usr/sbin are the system's own, whatever links a package has put in their places.
const tidying = `
rm -f /etc/apt/sources.list /etc/apt/apt.conf.d/99mmdebstrap /etc/resolv.conf /etc/hostname
mkdir -p /usr/sbin
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
`;
