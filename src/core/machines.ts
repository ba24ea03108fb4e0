import type { ElfFormat } from "./elf-format.ts";

/** What we know of a machine: its name in Debian, and where a thread's program counter is. */
type Machine = {
  readonly architecture: string;
  /** Bytes from the start of the general registers in NT_PRSTATUS; null where the layout is not known. */
  readonly pcOffset: number | null;
  /** Bytes of one register, where it is not the format's word. */
  readonly registerBytes?: 4 | 8;
};

/** Key: e_machine, bits, byte order. */
type MachineKey = `${number}/${32 | 64}/${"little" | "big"}`;

// Registers in the order of the kernel's user_regs_struct or elf_gregset_t (arch/*/include/uapi/asm/ptrace.h):
// the index of the program counter times the size of a register.
const machines: Readonly<Record<MachineKey, Machine>> = {
  "3/32/little": { architecture: "i386", pcOffset: 12 * 4 },
  "62/64/little": { architecture: "amd64", pcOffset: 16 * 8 },
  // x32: 32-bit ELF with the 64-bit registers.
  "62/32/little": { architecture: "x32", pcOffset: 16 * 8, registerBytes: 8 },
  "183/64/little": { architecture: "arm64", pcOffset: 32 * 8 },
  "183/64/big": { architecture: "arm64be", pcOffset: 32 * 8 },
  "40/32/little": { architecture: "armhf", pcOffset: 15 * 4 },
  "21/64/little": { architecture: "ppc64el", pcOffset: 32 * 8 },
  "21/64/big": { architecture: "ppc64", pcOffset: 32 * 8 },
  "20/32/big": { architecture: "powerpc", pcOffset: 32 * 4 },
  // The PSW comes first: its mask, then its address.
  "22/64/big": { architecture: "s390x", pcOffset: 8 },
  "243/64/little": { architecture: "riscv64", pcOffset: 0 },
  "258/64/little": { architecture: "loong64", pcOffset: 33 * 8 },
  // o32 leaves six words free before the registers; n64 does not.
  "8/32/little": { architecture: "mipsel", pcOffset: 40 * 4 },
  "8/32/big": { architecture: "mips", pcOffset: 40 * 4 },
  "8/64/little": { architecture: "mips64el", pcOffset: 34 * 8 },
  "8/64/big": { architecture: "mips64", pcOffset: 34 * 8 },
  "2/32/big": { architecture: "sparc", pcOffset: null },
  "43/64/big": { architecture: "sparc64", pcOffset: null },
  "15/32/big": { architecture: "hppa", pcOffset: null },
  "4/32/big": { architecture: "m68k", pcOffset: null },
  "42/32/little": { architecture: "sh4", pcOffset: null },
  "50/64/little": { architecture: "ia64", pcOffset: null },
  "36902/64/little": { architecture: "alpha", pcOffset: null },
};

const mipsN32 = 0x20;
const armHardFloatAbi = 0x400;

/** Where to find a thread's program counter; null for a machine whose registers we do not know. */
export function registerLayout(
  format: ElfFormat,
  machine: number,
  flags: number,
): { readonly pcOffset: number; readonly registerBytes: 4 | 8 } | null {
  const known = machines[`${machine}/${format.bits}/${format.byteOrder}`];
  if (known === undefined || known.pcOffset === null || isMipsN32(format, machine, flags)) return null;
  return { pcOffset: known.pcOffset, registerBytes: known.registerBytes ?? (format.bits === 64 ? 8 : 4) };
}

/**
 * Debian's name of a machine, null when it has none. `flags` are e_flags of a program; those of a core
 * are 0, and then 32-bit ARM is taken for armhf, the one that is still common.
 */
export function debianArchitecture(format: ElfFormat, machine: number, flags: number): string | null {
  if (isMipsN32(format, machine, flags)) return format.byteOrder === "little" ? "mipsn32el" : "mipsn32";
  const isSoftFloatArm = machine === 40 && flags !== 0 && (flags & armHardFloatAbi) === 0;
  if (isSoftFloatArm && format.byteOrder === "little") return "armel";
  return machines[`${machine}/${format.bits}/${format.byteOrder}`]?.architecture ?? null;
}

function isMipsN32(format: ElfFormat, machine: number, flags: number): boolean {
  return machine === 8 && format.bits === 32 && (flags & mipsN32) !== 0;
}
