// A process of its own for the tests: adds notes, or stops in the middle of a transaction.
import { openDatabase } from "../../../src/database/open-database.ts";
import { createNotes, type NotesSchema } from "./notes-schema.ts";

const [path = "", mode = "", count = "0"] = process.argv.slice(2);
const database = await openDatabase<NotesSchema>(path, { migrations: [createNotes] });

async function add(text: string): Promise<void> {
  await database.transaction(async (transaction) => {
    // Read, let go of the event loop, write: a lost update if transactions of two processes could mix.
    const { last } = await transaction
      .selectFrom("notes")
      .select((select) => select.fn.coalesce(select.fn.max<number>("id"), select.lit(0)).as("last"))
      .executeTakeFirstOrThrow();
    await new Promise((resolve) => setImmediate(resolve));
    await transaction
      .insertInto("notes")
      .values({ id: last + 1, text })
      .execute();
  });
}

if (mode === "add") {
  for (let index = 0; index < Number(count); index += 1) await add(`${process.pid}`);
  await database.close();
} else {
  await database.transaction(async (transaction) => {
    for (let id = 1; id <= Number(count); id += 1) {
      await transaction
        .insertInto("notes")
        .values({ id, text: "x".repeat(1000) })
        .execute();
    }
    process.stdout.write("in the middle\n");
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  });
}
