import type { ProgramHeader } from "./elf-tables.ts";

/** One PT_LOAD of a core: a piece of the process's memory, of which the file may hold all, the head, or nothing. */
export type MemorySegment = Pick<ProgramHeader, "address" | "memoryBytes" | "offset" | "fileBytes" | "flags">;

/**
 * The PT_LOADs of a core by address, in columns: a process may have a million mappings, and as objects
 * they would take ten times the room.
 */
export class SegmentTable {
  readonly #addresses: BigUint64Array;
  readonly #memoryBytes: BigUint64Array;
  readonly #offsets: Float64Array;
  readonly #fileBytes: Float64Array;
  readonly #flags: Uint32Array;
  #order: Uint32Array | null = null;
  #count = 0;

  /** @param capacity the most segments that will be added. */
  constructor(capacity: number) {
    this.#addresses = new BigUint64Array(capacity);
    this.#memoryBytes = new BigUint64Array(capacity);
    this.#offsets = new Float64Array(capacity);
    this.#fileBytes = new Float64Array(capacity);
    this.#flags = new Uint32Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  add(segment: MemorySegment): void {
    const index = this.#count++;
    this.#addresses[index] = segment.address;
    this.#memoryBytes[index] = segment.memoryBytes;
    this.#offsets[index] = segment.offset;
    this.#fileBytes[index] = segment.fileBytes;
    this.#flags[index] = segment.flags;
    this.#order = null;
  }

  /** The segment at a rank by address, from 0. */
  at(rank: number): MemorySegment {
    const index = this.#sorted()[rank] ?? 0;
    return {
      address: this.#addresses[index] ?? 0n,
      memoryBytes: this.#memoryBytes[index] ?? 0n,
      offset: this.#offsets[index] ?? 0,
      fileBytes: this.#fileBytes[index] ?? 0,
      flags: this.#flags[index] ?? 0,
    };
  }

  /** The segment that an address lies in; of overlapping ones, the last that begins at or before it. */
  holding(address: bigint): MemorySegment | null {
    const order = this.#sorted();
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#addresses[order[middle] ?? 0] ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    const segment = low === 0 ? null : this.at(low - 1);
    return segment !== null && address - segment.address < segment.memoryBytes ? segment : null;
  }

  // The kernel and gdb write segments by address; sorting is for whoever does not.
  #sorted(): Uint32Array {
    if (this.#order !== null) return this.#order;
    const order = Uint32Array.from({ length: this.#count }, (_, index) => index);
    const address = (index: number): bigint => this.#addresses[index] ?? 0n;
    this.#order = order.sort((a, b) => (address(a) < address(b) ? -1 : address(a) > address(b) ? 1 : a - b));
    return this.#order;
  }
}
