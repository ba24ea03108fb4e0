/** What a download's stream fails with when the file is larger than was asked for: a trait of the file, no failure. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";

  constructor(maxBytes: number) {
    super(`the file is larger than ${maxBytes} bytes`);
  }
}
