const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;

/** What reading a report may cost. All sizes are bytes. */
export type ReportLimits = {
  /** A line of the file. Old reports carry 1 MiB of data in a line, which is 1.4 MB of base64. */
  readonly lineBytes: number;
  /** The value of one text field. */
  readonly fieldBytes: number;
  /** The values of all text fields together. */
  readonly textBytes: number;
  /** Entries of the file; a repeated key counts each time. */
  readonly fields: number;
  /** The decoded binary fields of a report together, holes included. */
  readonly binaryBytes: number;
  /** The whole file as it comes in. */
  readonly inputBytes: number;
  /** Binary data that fills the disk (holes do not) is suspect only past this size … */
  readonly bombFloorBytes: number;
  /** … and when it is more than this many times its compressed size. */
  readonly bombRatio: number;
};

// A core of some gigabytes of untouched memory shrinks a thousandfold, and is an honest core. Pages of
// zeros are written as holes and cost no disk, so the ratio is taken of the other bytes only: those of
// real programs do not come near 500, deflate's best is 1032, and zstd's is beyond 30,000.
export const defaultReportLimits: ReportLimits = {
  lineBytes: 4 * mebibyte,
  fieldBytes: 16 * mebibyte,
  textBytes: 64 * mebibyte,
  fields: 4096,
  binaryBytes: 64 * gibibyte,
  inputBytes: 96 * gibibyte,
  bombFloorBytes: 256 * mebibyte,
  bombRatio: 500,
};
