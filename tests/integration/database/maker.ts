// A process of its own for the tests: opens a database, making it when it is missing, and closes it again.
import { openDatabase } from "../../../src/database/open-database.ts";
import { createNotes } from "./notes-schema.ts";

const [path = "", journal = ""] = process.argv.slice(2);
await (
  await openDatabase(path, { migrations: [createNotes], journal: journal === "wal" ? "wal" : "rollback" })
).close();
