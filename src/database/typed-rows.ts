import type { z } from "zod";
import { ServiceFailure } from "../system/failure.ts";

/**
 * Rows as a schema has them. SQLite keeps what it is given: a column that is declared TEXT may hold a BLOB, one
 * that is declared INTEGER a text, and a file has been in other hands than ours (Apport's tools, a person with sqlite3).
 *
 * @param what the rows, in the plural, for the message: `crashes of the duplicate database`.
 * @throws ServiceFailure when a row is of another form: what it would have said is lost, so nobody may guess.
 */
export function typedRows<Row>(schema: z.ZodType<Row>, rows: readonly unknown[], what: string): Row[] {
  return rows.map((row) => {
    const result = schema.safeParse(row);
    if (result.success) return result.data;
    const faults = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new ServiceFailure(`among the ${what} is one that no crash-digger writes (${faults.join("; ")})`, {
      remedy: "Look at the rows with sqlite3 (typeof() tells a value's type) and mend them, or put back a good copy.",
    });
  });
}
