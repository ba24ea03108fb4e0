/** How long we wait for Launchpad, how often we ask, and how much we take. */
export type Limits = {
  /**
   * For one request with its whole answer. Longer than Launchpad lets a request of its own run, so that a change whose
   * answer we gave up waiting for is made by then, or never.
   */
  readonly exchangeMs: number;
  /** Of an answer that is not a file, decoded. */
  readonly maxAnswerBytes: number;
  readonly maxPages: number;
  readonly maxRedirects: number;
  /** How often one thing is tried. */
  readonly tries: number;
  /** The pause before the second try; each further one is twice as long, with chance in it, up to the longest. */
  readonly firstPauseMs: number;
  /** Also the most that a server's Retry-After gets: Launchpad says 900 s for a mere time-out of one request. */
  readonly longestPauseMs: number;
  /** After so many failures of a host in a row it is left alone for `restMs`. */
  readonly failuresInARow: number;
  readonly restMs: number;
  /** How long a file may keep us waiting altogether, and how much longer for each further byte it has sent. */
  readonly stallMs: number;
  readonly slowestBytesPerSecond: number;
};

export const usualLimits: Limits = {
  exchangeMs: 120_000,
  maxAnswerBytes: 32 * 1024 ** 2,
  maxPages: 2000,
  maxRedirects: 5,
  tries: 4,
  firstPauseMs: 1000,
  longestPauseMs: 20_000,
  failuresInARow: 6,
  restMs: 60_000,
  stallMs: 60_000,
  slowestBytesPerSecond: 16 * 1024,
};
