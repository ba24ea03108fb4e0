import { type ByHandOptions, enter, type ListedVersion, listChroots, remove, restore } from "../../chroots/by-hand.ts";
import type { Chroots } from "../../chroots/chroots.ts";
import { linkedVersion } from "../../chroots/layout.ts";
import type { ChrootPlace } from "../../chroots/types.ts";
import { loadConfig } from "../../config/load.ts";
import { systemClock } from "../../system/clock.ts";
import { openCache } from "../../wiring/cache.ts";
import { chrootsFolder, chrootsOf } from "../../wiring/chroots.ts";
import { nativeArchitecture } from "../../wiring/open.ts";
import { archiveOf } from "../../wiring/retrace.ts";
import { CliError } from "../exit.ts";
import { printable } from "../printable.ts";
import { stdoutLog } from "../stdout-log.ts";
import { stoppable } from "../stop-signals.ts";
import { renderTable } from "../table.ts";

export type ChrootFlags = { readonly config?: string; readonly arch?: string };
export type EnterFlags = ChrootFlags & { readonly broken?: true; readonly previous?: true };
export type RemoveFlags = ChrootFlags & { readonly broken?: true };

/** Makes a chroot; it must not be there yet. */
export async function createChroot(release: string, flags: ChrootFlags): Promise<void> {
  await withPlace(release, flags, async (place, chroots, { signal }) => {
    if ((await linkedVersion(place.folder, "current")) !== null) {
      throw new CliError(`there is a chroot of ${place.title} already: crash-digger chroot upgrade`);
    }
    await chroots.renew(place, signal);
  });
}

/** Upgrades a chroot; it must be there. */
export async function upgradeChroot(release: string, flags: ChrootFlags): Promise<void> {
  await withPlace(release, flags, async (place, chroots, { signal }) => {
    if ((await linkedVersion(place.folder, "current")) === null) {
      throw new CliError(`there is no chroot of ${place.title} yet: crash-digger chroot create`);
    }
    const { did } = await chroots.renew(place, signal);
    if (did === "nothing") process.stdout.write("As new as its archive already.\n");
  });
}

/** Prints what there is. */
export async function showChroots(flags: ChrootFlags & { readonly json?: true }): Promise<void> {
  const found = await listChroots(chrootsFolder(loadConfig(flags.config)));
  if (flags.json) process.stdout.write(`${JSON.stringify(found.map(jsonOf))}\n`);
  else if (found.length === 0) process.stdout.write("There are no chroots: crash-digger chroot create RELEASE\n");
  else process.stdout.write(tableOf(found));
}

function jsonOf({ which, id, path, record }: ListedVersion) {
  const { release, architecture, madeAt, checkedAt, gdb, broken } = record ?? {};
  return { release, architecture, which, version: id, path, madeAt, checkedAt, gdb, reason: broken ?? null };
}

function tableOf(found: readonly ListedVersion[]): string {
  const columns = ["RELEASE", "ARCH", "WHICH", "CHECKED", "GDB OR REASON"].map((heading) => ({ heading }));
  const rows = found.map(({ which, record }) => [
    printable(record?.release ?? "?"),
    printable(record?.architecture ?? "?"),
    which,
    printable(record?.checkedAt ?? "?"),
    printable((record?.broken ?? record?.gdb ?? "nothing is recorded of it").split("\n", 1)[0] ?? ""),
  ]);
  const folders = found.map(({ which, path }) => `${which}: ${printable(path)}\n`);
  return `${renderTable(columns, rows)}\n${folders.join("")}`;
}

/** Opens a shell, or runs a command; resolves with its exit code. */
export async function enterChroot(release: string, command: readonly string[], flags: EnterFlags): Promise<number> {
  const which = flags.broken ? "broken" : flags.previous ? "previous" : "current";
  return await withPlace(release, flags, (place, _chroots, options) => enter(place, which, command, options));
}

/** Swaps the current version and the previous one. */
export async function restoreChroot(release: string, flags: ChrootFlags): Promise<void> {
  await withPlace(release, flags, async (place, _chroots, options) => {
    const { record } = await restore(place, options);
    process.stdout.write(`The chroot of ${place.title} is as it was on ${record?.checkedAt ?? "an unknown day"}.\n`);
    process.stdout.write("A batch that finds newer package lists upgrades it again.\n");
  });
}

/** Removes a chroot. */
export async function removeChroot(release: string, flags: RemoveFlags): Promise<void> {
  await withPlace(release, flags, (place, _chroots, options) =>
    remove(place, flags.broken ? "broken" : "all", options),
  );
}

async function withPlace<T>(
  release: string,
  flags: ChrootFlags,
  work: (place: ChrootPlace, chroots: Chroots, options: ByHandOptions) => Promise<T>,
): Promise<T> {
  const config = loadConfig(flags.config);
  const log = stdoutLog();
  await using cache = await openCache(config);
  const archive = archiveOf(config, cache, log);
  const chroots = chrootsOf(config, { cache, archive, log });
  const architecture = flags.arch ?? (await nativeArchitecture());
  return await stoppable(async ({ controller: { signal }, stopped }) => {
    try {
      const place = await chroots.place(release, architecture, signal);
      const waitMs = config.symbols.apt_timeout_s * 1000;
      return await work(place, chroots, { waitMs, clock: systemClock, log, signal });
    } catch (error) {
      const by = stopped();
      if (by === null) throw error;
      throw new CliError(`stopped by ${by.signal}; what was there before is as it was`, by.exitCode);
    }
  });
}
