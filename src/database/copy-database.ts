import { existsSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { asServiceFailure } from "./sqlite-failure.ts";

// All in one go: in pieces, the copying would begin anew whenever somebody writes in between.
const allPages = 2 ** 30;

/** Copies a SQLite file as it is at one moment, while others use it. Nothing is made when it is not there. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  let source: DatabaseSync | null = null;
  try {
    source = new DatabaseSync(from, { readOnly: true, timeout: 30_000 });
    await backup(source, to, { rate: allPages });
  } catch (error) {
    throw asServiceFailure(error, from);
  } finally {
    source?.close();
  }
}
