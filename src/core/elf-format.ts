import type { CoreFault } from "./types.ts";

/** How numbers are written in an ELF file. */
export type ElfFormat = { readonly bits: 32 | 64; readonly byteOrder: "little" | "big" };

/** A value, or why there is none. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: CoreFault };

/** Bytes of an address, an offset or a C `long` in this format. */
export function wordBytes(format: ElfFormat): 4 | 8 {
  return format.bits === 64 ? 8 : 4;
}

/** The unsigned 16-bit number at `offset`, which must lie in the buffer (as for the other readers). */
export function u16(format: ElfFormat, buffer: Buffer, offset: number): number {
  return format.byteOrder === "little" ? buffer.readUInt16LE(offset) : buffer.readUInt16BE(offset);
}

export function u32(format: ElfFormat, buffer: Buffer, offset: number): number {
  return format.byteOrder === "little" ? buffer.readUInt32LE(offset) : buffer.readUInt32BE(offset);
}

/** An address, offset or size: 4 or 8 bytes as the format has it. */
export function word(format: ElfFormat, buffer: Buffer, offset: number): bigint {
  if (format.bits === 32) return BigInt(u32(format, buffer, offset));
  return format.byteOrder === "little" ? buffer.readBigUInt64LE(offset) : buffer.readBigUInt64BE(offset);
}

/** The text up to the first NUL, or to the buffer's end. Bytes that are no UTF-8 become U+FFFD. */
export function textUpToNul(buffer: Buffer): string {
  const end = buffer.indexOf(0);
  return buffer.toString("utf8", 0, end < 0 ? buffer.length : end);
}

/** A fault; `at` is the file offset concerned. */
export function fault(kind: CoreFault["kind"], message: string, at?: number): { ok: false; fault: CoreFault } {
  const place = at === undefined ? "" : ` (at offset 0x${at.toString(16)})`;
  return { ok: false, fault: { kind, message: `${message}${place}` } };
}
