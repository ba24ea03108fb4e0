/** What a report is to be made of. */
export type CollectRequest = {
  /** A core as the kernel, gdb or systemd-coredump left it: raw, or compressed with zstd, lz4, xz or gzip. */
  readonly corePath: string;
  /** What crashed, where the caller knows better than the core; null: as the core says. */
  readonly executable: string | null;
  /** This machine's architecture, by dpkg's name (`amd64`). */
  readonly architecture: string;
  /** An empty folder of the caller's, who removes it: a compressed core is decompressed into it. */
  readonly workFolder: string;
  /** Bytes that a decompressed core may have. */
  readonly maxCoreBytes: number;
};

/** Why a core cannot become a report, one sentence for people with what to do. */
export type Refused = { readonly kind: "refused"; readonly reason: string };

/** A report, ready to be written. */
export type Collected = {
  readonly kind: "collected";
  readonly fields: ReadonlyMap<string, string>;
  /** The raw core: the one that was given, or its decompressed copy in the work folder. */
  readonly corePath: string;
  /** Pid of the crashed process, null when the core does not tell. */
  readonly pid: number | null;
  /** What a person should know about the report's gaps, one sentence each. */
  readonly notes: readonly string[];
};
