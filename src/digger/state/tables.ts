import { type Generated, sql } from "kysely";
import type { Migration } from "../../database/migrations.ts";

/** The tables of `state.db`. */
export type Tables = {
  batches: {
    id: Generated<number>;
    started_at: string;
    ended_at: string | null;
    host: string;
    pid: number;
    outcome: string | null;
    ended_as: string | null;
    peak_bytes: number | null;
    gdb_peak_bytes: number | null;
  };
  attempts: {
    id: Generated<number>;
    batch_id: number;
    crash_id: number;
    ended_at: string;
    verdict: string;
    master: number | null;
    reason: string | null;
    program: string | null;
    top_function: string | null;
    fidelity: string | null;
    duration_ms: number;
  };
  outbox: {
    id: Generated<number>;
    crash_id: number;
    edit: string;
    done_at: string | null;
    note: string | null;
    failures: Generated<number>;
    last_failure: string | null;
  };
  set_aside: { crash_id: number; kind: string; since: string; facts: string };
  outages: { name: string; since: string };
  queue: { crash_id: number; since: string };
};

/** The history of `state.db`. Released steps are never changed; new ones are appended. */
export const stateMigrations: readonly Migration[] = [
  {
    name: "batches, attempts and outbox",
    apply: async (transaction) => {
      await sql`CREATE TABLE batches (id INTEGER PRIMARY KEY, started_at TEXT NOT NULL, ended_at TEXT,
        host TEXT NOT NULL, pid INTEGER NOT NULL, outcome TEXT)`.execute(transaction);
      await sql`CREATE TABLE attempts (id INTEGER PRIMARY KEY, batch_id INTEGER NOT NULL REFERENCES batches(id),
        crash_id INTEGER NOT NULL, ended_at TEXT NOT NULL, verdict TEXT NOT NULL, master INTEGER, reason TEXT,
        program TEXT, top_function TEXT, fidelity TEXT, duration_ms INTEGER NOT NULL)`.execute(transaction);
      await sql`CREATE INDEX attempts_by_crash ON attempts(crash_id)`.execute(transaction);
      // An id is never used again, so that a marker made of it means one edit for ever.
      await sql`CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, crash_id INTEGER NOT NULL,
        edit TEXT NOT NULL, done_at TEXT, note TEXT)`.execute(transaction);
      await sql`CREATE INDEX outbox_open ON outbox(id) WHERE done_at IS NULL`.execute(transaction);
    },
  },
  {
    name: "crashes set aside, failures of edits, outages",
    apply: async (transaction) => {
      await sql`CREATE TABLE set_aside (crash_id INTEGER PRIMARY KEY, kind TEXT NOT NULL
        CHECK (kind IN ('retry', 'parked', 'dead', 'buried')), since TEXT NOT NULL,
        facts TEXT NOT NULL)`.execute(transaction);
      await sql`ALTER TABLE outbox ADD COLUMN failures INTEGER NOT NULL DEFAULT 0`.execute(transaction);
      await sql`ALTER TABLE outbox ADD COLUMN last_failure TEXT`.execute(transaction);
      await sql`CREATE TABLE outages (name TEXT PRIMARY KEY, since TEXT NOT NULL)`.execute(transaction);
    },
  },
  {
    name: "how batches ended, their memory, the queue",
    apply: async (transaction) => {
      await sql`ALTER TABLE batches ADD COLUMN ended_as TEXT
        CHECK (ended_as IN ('done', 'memory', 'away', 'failed'))`.execute(transaction);
      await sql`ALTER TABLE batches ADD COLUMN peak_bytes INTEGER`.execute(transaction);
      await sql`ALTER TABLE batches ADD COLUMN gdb_peak_bytes INTEGER`.execute(transaction);
      // Of the others nobody knows any more whether they failed, or the tracker was away.
      await sql`UPDATE batches SET ended_as = 'done' WHERE outcome = 'done'`.execute(transaction);
      await sql`CREATE TABLE queue (crash_id INTEGER PRIMARY KEY, since TEXT NOT NULL)`.execute(transaction);
    },
  },
];
