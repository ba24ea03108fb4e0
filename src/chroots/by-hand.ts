import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../system/clock.ts";
import { ServiceFailure } from "../system/failure.ts";
import type { Log } from "../system/log.ts";
import { describeEnd } from "../system/process.ts";
import { runInTerminal } from "../system/terminal.ts";
import { used } from "./chroots.ts";
import { type ChrootVersion, linkedVersion, rootOf, setLink } from "./layout.ts";
import { openOverlay } from "./overlay.ts";
import { insideCommand, runInside } from "./sandbox.ts";
import { takeTurn } from "./turn.ts";
import type { ChrootPlace } from "./types.ts";
import { brokenVersion, isUsed, removeTree, removeUnused } from "./versions.ts";

/** Which of a chroot's versions a person means. */
export type WhichVersion = "current" | "previous" | "broken";

/** A version, for a list. */
export type ListedVersion = ChrootVersion & { readonly which: WhichVersion };

export type ByHandOptions = {
  /** How long somebody else may have the turn, and a command may take. */
  readonly waitMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/** All versions of all chroots in a folder, those in use first. */
export async function listChroots(folder: string): Promise<readonly ListedVersion[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const found: ListedVersion[] = [];
  for (const name of names.toSorted()) {
    for (const which of ["current", "previous", "broken"] as const) {
      const version = await versionOf(join(folder, name), which);
      if (version !== null) found.push({ ...version, which });
    }
  }
  return found;
}

/** Lets the previous version be the current one again, and the other way round. @throws ServiceFailure without one */
export async function restore(place: ChrootPlace, { waitMs, signal }: ByHandOptions): Promise<ChrootVersion> {
  using _turn = await takeTurn(place.folder, waitMs, signal);
  const previous = await wanted(place, "previous");
  const current = await linkedVersion(place.folder, "current");
  await setLink(place.folder, "current", previous.id);
  if (current !== null) await setLink(place.folder, "previous", current.id);
  return previous;
}

/** Removes a chroot with all its versions, or its broken version alone. @throws ServiceFailure when it is in use */
export async function remove(place: ChrootPlace, what: "all" | "broken", options: ByHandOptions): Promise<void> {
  const { waitMs, clock, signal } = options;
  using _turn = await takeTurn(place.folder, waitMs, signal);
  if (what === "broken") {
    if (!(await removeUnused((await wanted(place, "broken")).path, clock.now()))) throw inUse(place);
    return;
  }
  for (const name of await readdir(join(place.folder, "versions")).catch((): string[] => [])) {
    if (await isUsed(join(place.folder, "versions", name), clock.now())) throw inUse(place);
  }
  await removeTree(place.folder);
}

function inUse(place: ChrootPlace): ServiceFailure {
  return new ServiceFailure(`the chroot of ${place.title} is in use`, {
    remedy: "Wait for the batch, or leave it (crash-digger chroot enter).",
  });
}

/**
 * Lets a person into a system, or runs a command in it, in a layer that is thrown away afterwards.
 *
 * @param command a shell on the terminal, where it is empty.
 * @returns the exit code.
 * @throws ServiceFailure when there is no such version, or the command was stopped at one of its bounds
 */
export async function enter(
  place: ChrootPlace,
  which: WhichVersion,
  command: readonly string[],
  options: ByHandOptions,
): Promise<number> {
  const { waitMs, signal, log } = options;
  await using system = await usedByHand(place, which, options);
  await using overlay = await openOverlay(system, { deadlineMs: waitMs, signal, log });
  if (command.length === 0) {
    return await runInTerminal(insideCommand(overlay.view, ["bash", "-l"], "terminal"), Buffer.alloc(0));
  }
  const onOutput = (piece: Buffer): void => void process.stdout.write(piece);
  const { result } = await runInside(overlay.view, command, { deadlineMs: waitMs, signal, onOutput });
  process.stderr.write(result.stderr);
  if (result.exitCode !== null) return result.exitCode;
  throw new ServiceFailure(`${command.join(" ")} in the chroot of ${place.title}: ${describeEnd(result)}`, {
    remedy: "Without a command, `chroot enter` gives a shell, which has no bounds.",
  });
}

async function usedByHand(place: ChrootPlace, which: WhichVersion, { waitMs, signal }: ByHandOptions) {
  using _turn = await takeTurn(place.folder, waitMs, signal);
  const version = await wanted(place, which);
  await access(rootOf(version.path)).catch(() => {
    throw new ServiceFailure(`the files of the ${which} chroot of ${place.title} were removed: the disk was full`);
  });
  return await used(place, version);
}

async function wanted(place: ChrootPlace, which: WhichVersion): Promise<ChrootVersion> {
  const version = await versionOf(place.folder, which);
  if (version !== null) return version;
  throw new ServiceFailure(`there is no ${which} chroot of ${place.title}`, {
    remedy: "See crash-digger chroot list; chroot create makes one.",
  });
}

function versionOf(chroot: string, which: WhichVersion): Promise<ChrootVersion | null> {
  return which === "broken" ? brokenVersion(chroot) : linkedVersion(chroot, which);
}
