import { existsSync } from "node:fs";
import { ServiceFailure } from "../system/failure.ts";

/** Which gdb reads a core, or why none can. */
export type GdbChoice =
  | { readonly kind: "found"; readonly program: string }
  /** Concerns one crash only: anybody may submit a core of an exotic machine. */
  | { readonly kind: "foreign"; readonly reason: string };

/** Node's names of machines, and the Debian architectures that Debian's own gdb on them reads. */
const readByOwnGdb: Readonly<Record<string, readonly string[]>> = {
  x64: ["amd64", "i386", "x32"],
  ia32: ["i386"],
  arm64: ["arm64", "armhf", "armel"],
  arm: ["armhf", "armel"],
  loong64: ["loong64"],
  ppc64: ["ppc64el"],
  riscv64: ["riscv64"],
  s390x: ["s390x"],
};

/** The Debian architecture of this machine's own programs, by Node's name of the machine. */
export function ownArchitecture(machine: string = process.arch): string {
  return readByOwnGdb[machine]?.[0] ?? machine;
}

/**
 * Chooses gdb, or gdb-multiarch for an architecture that this machine's own gdb does not know.
 *
 * @param architecture Debian's name, of the core.
 * @param machine as in `process.arch`.
 * @throws ServiceFailure when there is no gdb at all.
 */
export function chooseGdb(
  architecture: string,
  machine: string = process.arch,
  isInstalled: (path: string) => boolean = existsSync,
): GdbChoice {
  const own = readByOwnGdb[machine]?.includes(architecture) ?? false;
  if (own && isInstalled("/usr/bin/gdb")) return { kind: "found", program: "gdb" };
  if (isInstalled("/usr/bin/gdb-multiarch")) return { kind: "found", program: "gdb-multiarch" };
  if (!own && isInstalled("/usr/bin/gdb")) return { kind: "foreign", reason: foreignReason(architecture) };
  throw new ServiceFailure("gdb is not installed: there is no /usr/bin/gdb", {
    remedy: "Install it: apt-get install gdb",
  });
}

/**
 * Chooses among the gdbs of a task's system; of another system's, its own gdb or none.
 *
 * @throws ServiceFailure when there is no gdb at all.
 */
export function chooseGdbOf({ system, architecture }: { system: string | null; architecture: string }): GdbChoice {
  if (system === null) return chooseGdb(architecture);
  return chooseGdb(architecture, process.arch, (path) => existsSync(`${system}${path}`));
}

function foreignReason(architecture: string): string {
  return `the core is of architecture ${JSON.stringify(architecture)}, which needs gdb-multiarch (apt-get install gdb-multiarch)`;
}
