import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { Random } from "./random.ts";

const oddValues: readonly SQLInputValue[] = [
  ...[null, 0, -1, 1.5, -0.5, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), Number.POSITIVE_INFINITY],
  ...["", "x", "9".repeat(40), "\u001b]0;pwned\u0007", "a\0b", "x".repeat(1_000_000), '{"kind":"attach"}', "[[[["],
  ...[new Uint8Array(0), new Uint8Array([0xff, 0xfe, 0]), new Uint8Array(100_000)],
];

/**
 * Puts values of wrong types, sizes and meanings into one to three places of a database, past every constraint,
 * as another program with a fault of its own might. Only tables with a rowid are touched.
 */
export function spoilRows(path: string, random: Random): void {
  using sqlite = new DatabaseSync(path, { enableForeignKeyConstraints: false, defensive: false });
  sqlite.exec("PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON");
  const tables = sqlite
    .prepare(
      "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND sql NOT LIKE '%WITHOUT ROWID%'",
    )
    .all() as { name: string; sql: string }[];
  for (let count = 1 + random.below(3); count > 0; count -= 1) spoilOne(sqlite, random.pick(tables), random);
}

function spoilOne(sqlite: DatabaseSync, table: { readonly name: string; readonly sql: string }, random: Random): void {
  const columns = sqlite.prepare(`SELECT name FROM pragma_table_info('${table.name}')`).all() as { name: string }[];
  const column = random.pick(columns).name;
  const setSql = sqlite.prepare("UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?");
  // SQLite believes the text of a table's definition, so that without NOT NULL there it takes NULL.
  setSql.run(table.sql.replaceAll("NOT NULL", ""), table.name);
  sqlite.exec("PRAGMA writable_schema = RESET; PRAGMA writable_schema = ON");
  try {
    sqlite
      .prepare(
        `UPDATE OR REPLACE "${table.name}" SET "${column}" = ? WHERE rowid = (SELECT rowid FROM "${table.name}" ORDER BY rowid LIMIT 1 OFFSET ?)`,
      )
      .run(random.pick(oddValues), random.below(3));
  } catch (error) {
    // An INTEGER PRIMARY KEY takes integers only.
    if (!/datatype mismatch/.test(String(error))) throw error;
  }
  setSql.run(table.sql, table.name);
  sqlite.exec("PRAGMA writable_schema = RESET; PRAGMA writable_schema = ON");
}
