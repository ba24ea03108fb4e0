const firstCapacity = 256;

/**
 * Bytes that come in pieces. Eight million lines of one byte kept as eight million Buffers are a
 * gigabyte; copied into one that doubles they are eight megabytes.
 */
export class GrowingBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Uint8Array): void {
    const needed = this.#length + piece.length;
    if (needed > this.#bytes.length) this.#grow(needed);
    // For the single line feeds of a text, a call to set() takes longer than the rest of reading it.
    if (piece.length === 1) this.#bytes[this.#length] = piece[0] ?? 0;
    else this.#bytes.set(piece, this.#length);
    this.#length = needed;
  }

  /** All bytes so far, no longer held here. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    return taken;
  }

  /** All bytes so far, to be used before more is appended: the room is used again. */
  lend(): Buffer {
    const lent = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return lent;
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2, firstCapacity));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
