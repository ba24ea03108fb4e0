import type { ReportLimits } from "./limits.ts";
import { Malformed } from "./malformed.ts";

/** Keeps account of what the binary fields of one report expand to. */
export class DecodedBudget {
  readonly #limits: Pick<ReportLimits, "binaryBytes" | "bombFloorBytes" | "bombRatio">;
  #compressedBytes = 0;
  #decodedBytes = 0;
  #storedBytes = 0;

  constructor(limits: Pick<ReportLimits, "binaryBytes" | "bombFloorBytes" | "bombRatio">) {
    this.#limits = limits;
  }

  addCompressed(bytes: number): void {
    this.#compressedBytes += bytes;
  }

  /** @throws Malformed past the cap, or when what is stored looks like a decompression bomb. */
  addDecoded(bytes: number, isHole: boolean): void {
    const { binaryBytes, bombFloorBytes, bombRatio } = this.#limits;
    this.#decodedBytes += bytes;
    if (!isHole) this.#storedBytes += bytes;
    if (this.#decodedBytes > binaryBytes) {
      throw new Malformed("too-large", `the binary data decodes to more than ${binaryBytes} bytes`);
    }
    if (this.#storedBytes > bombFloorBytes && this.#storedBytes > this.#compressedBytes * bombRatio) {
      throw new Malformed("too-large", `the binary data expands more than ${bombRatio} times, as a bomb does`);
    }
  }
}
