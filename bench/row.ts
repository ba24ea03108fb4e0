/** One line of the table: what was measured, against what, and the goal. */
export type Row = {
  readonly name: string;
  readonly measured: string;
  /** What it was measured against in the same run, or where the number to beat comes from. */
  readonly against: string;
  readonly goal: string;
  readonly met: boolean;
  /** The raw figures. */
  readonly figures: Readonly<Record<string, number>>;
};

/** What a row works with. */
export type Bench = {
  /** An empty folder of the row's own. */
  readonly folder: string;
  readonly launcher: string;
};

export type RowMaker = { readonly name: string; readonly measure: (bench: Bench) => Promise<readonly Row[]> };
