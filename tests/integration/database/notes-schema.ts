import { sql } from "kysely";
import type { Migration } from "../../../src/database/migrations.ts";

/** A small schema of its own for the tests of database/. */
export type NotesSchema = { notes: { id: number; text: string } };

export const createNotes: Migration = {
  name: "notes",
  apply: async (transaction) => {
    await sql`CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)`.execute(transaction);
  },
};
