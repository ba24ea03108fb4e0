import { machine, release } from "node:os";
import type { Core } from "../core/types.ts";
import { askDpkg } from "./ask-dpkg.ts";

/** As `uname -srm` says: `Linux 6.1.0-13-amd64 x86_64`. */
export function uname(): string {
  return `Linux ${release()} ${machine()}`;
}

/**
 * Why a core cannot come from a program of this machine, null when it can: the packages of this machine say
 * nothing about a crash of another one.
 *
 * @param native this machine's architecture; those that dpkg was told to allow besides are good too.
 */
export async function foreignReason(core: Core, native: string, signal: AbortSignal): Promise<string | null> {
  const { architecture } = core;
  if (architecture === native) return null;
  const foreign = (await askDpkg(["dpkg", "--print-foreign-architectures"], signal)).split("\n");
  if (architecture !== null && foreign.includes(architecture)) return null;
  const whose = architecture === null ? `an unknown machine (number ${core.machine})` : architecture;
  return `The core is of a program for ${whose}, and this machine is ${native}. Collect it on the machine where the program crashed.`;
}
