import { styleText } from "node:util";

export type Column = {
  readonly heading: string;
  /** `right` for numbers. */
  readonly align?: "right";
  readonly maxWidth?: number;
  /** Which part of a value that is too long stays: of a path the end tells more. `start` unless told. */
  readonly keep?: "start" | "end";
};

/**
 * Rows as text in aligned columns, two blanks apart, the headings bold on a terminal. Values have to be
 * printable already (see printable.ts); longer ones than the column's maximum are cut with an ellipsis.
 */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => columns.map((column, index) => shorten(row[index] ?? "", column)));
  const widths = columns.map((column, index) =>
    cells.reduce((width, row) => Math.max(width, displayWidth(row[index] ?? "")), column.heading.length),
  );
  const line = (values: readonly string[]): string =>
    columns
      .map((column, index) => pad(values[index] ?? "", widths[index] ?? 0, column.align))
      .join("  ")
      .trimEnd();
  const heading = line(columns.map((column) => column.heading));
  return [styleText("bold", heading), ...cells.map(line)].map((text) => `${text}\n`).join("");
}

function shorten(text: string, column: Column): string {
  const letters = [...text];
  const max = column.maxWidth ?? 60;
  if (letters.length <= max) return text;
  return column.keep === "end" ? `…${letters.slice(1 - max).join("")}` : `${letters.slice(0, max - 1).join("")}…`;
}

function pad(text: string, width: number, align: "right" | undefined): string {
  const blanks = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "right" ? blanks + text : text + blanks;
}

function displayWidth(text: string): number {
  return [...text].length;
}
