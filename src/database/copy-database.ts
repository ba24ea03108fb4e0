import { existsSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { asServiceFailure } from "./sqlite-failure.ts";
import { WalWitness } from "./wal-witness.ts";

// All in one go: in pieces, the copying would begin anew whenever somebody writes in between.
const allPages = 2 ** 30;

/** Copies a SQLite file as it is at one moment, while others use it. Nothing is made when it is not there. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  let source: DatabaseSync | null = null;
  try {
    // Not for reading only: what a killed process has left (a rollback journal, a log) could not be tidied up, and of our
    // own reading an empty log would stay, which may belong to root and keep the service out.
    source = new DatabaseSync(from, { timeout: 30_000 });
    await backup(source, to, { rate: allPages });
  } catch (error) {
    throw asServiceFailure(error, from);
  } finally {
    if (source !== null) new WalWitness(from).closing(source);
  }
}
