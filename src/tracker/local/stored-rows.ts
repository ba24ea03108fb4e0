import { z } from "zod";
import { typedRows } from "../../database/typed-rows.ts";
import { importances } from "../types.ts";

const id = z.int().positive();
const text = z.string();
const bytes = z.instanceof(Uint8Array);
const sizeBytes = z.int().nonnegative();
// Our own `UUID-INDEX.zst`. It becomes a path, of a file that is read or removed: nothing else may, least of all
// an empty name, which would be the whole folder.
const storageName = z.string().regex(/^[0-9a-f-]{36}-\d{1,5}\.zst$/, "not the name of a stored file");

const rows = {
  crash: z.object({
    id,
    title: text,
    program: text.nullable(),
    submitted_at: text,
    status: text,
    fixed_version: text,
    duplicate_of: id.nullable(),
    importance: z.enum(importances),
    private: z.int(),
  }),
  field: z.object({ name: text, value: bytes }),
  attachment: z.object({ name: text, text: bytes, size_bytes: sizeBytes }),
  blob: z.object({ field: text, storage_name: storageName, size_bytes: sizeBytes }),
  orphan: z.object({ storage_name: storageName }),
  tag: z.object({ crash_id: id, tag: text }),
  comment: z.object({ marker: text.nullable(), subject: text, body: text, written_at: text }),
} as const;

type Table = keyof typeof rows;
type Row<Name extends Table> = z.output<(typeof rows)[Name]>;

/**
 * Rows that were read from a table, as they have to be.
 *
 * @throws ServiceFailure when one is not.
 */
export function storedRows<Name extends Table>(table: Name, found: readonly unknown[]): Row<Name>[] {
  return typedRows(rows[table] as unknown as z.ZodType<Row<Name>>, found, `rows of the tracker's table ${table}`);
}
