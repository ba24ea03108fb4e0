import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDuplicates } from "../../../src/duplicates/duplicates.ts";
import type { StoredCrash } from "../../../src/duplicates/types.ts";
import { ServiceFailure } from "../../../src/system/failure.ts";
import { makeDuplicatesLab, runPython } from "./lab.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "duplicates-"));
  path = join(folder, "duplicates.db");
});

afterEach(async () => rm(folder, { recursive: true }));

async function openingFails(): Promise<ServiceFailure> {
  const error = await openDuplicates(path).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServiceFailure);
  return error as ServiceFailure;
}

// What a program for format 3 does, told by the format alone (docs/file-formats.md).
const createFormat3 = `
db.execute("CREATE TABLE version (format INTEGER)")
db.execute("INSERT INTO version VALUES (3)")
db.execute("""CREATE TABLE crashes (signature VARCHAR(255) NOT NULL, crash_id INTEGER PRIMARY KEY,
  fixed_version VARCHAR(50), last_change TIMESTAMP)""")
db.execute("CREATE TABLE address_signatures (signature VARCHAR(1000) PRIMARY KEY, crash_id INTEGER NOT NULL)")
db.execute("INSERT INTO crashes VALUES (?, ?, ?, CURRENT_TIMESTAMP)", ("/bin/old:11:f:g", 7, None))
db.execute("INSERT INTO crashes VALUES (?, ?, ?, CURRENT_TIMESTAMP)", ("/bin/old:6:f:g", 8, ""))
db.execute("INSERT INTO address_signatures VALUES (?, ?)", ("/bin/old:11:/lib/c+1:/lib/c+2:/lib/c+3", 7))
`;

test("a new file has the tables of format 3 with its column types", async () => {
  await (await openDuplicates(path)).close();
  const columns = await runPython(
    path,
    `for table in ("version", "crashes", "address_signatures"):
    print(table, [(c[1], c[2], c[3], c[5]) for c in db.execute("PRAGMA table_info(%s)" % table)])
print(db.execute("SELECT format FROM version").fetchall(), db.execute("PRAGMA journal_mode").fetchone())`,
  );
  expect(columns.trim().split("\n")).toEqual([
    "version [('format', 'INTEGER', 0, 0)]",
    "crashes [('signature', 'VARCHAR(255)', 1, 0), ('crash_id', 'INTEGER', 0, 1), ('fixed_version', 'VARCHAR(50)', 0, 0), ('last_change', 'TIMESTAMP', 0, 0)]",
    "address_signatures [('signature', 'VARCHAR(1000)', 0, 1), ('crash_id', 'INTEGER', 1, 0)]",
    "[(3,)] ('delete',)",
  ]);
  expect((await stat(path)).mode & 0o777).toBe(0o644);
});

test("a file that another program made is taken over as it is", async () => {
  await runPython(path, createFormat3);
  const duplicates = await openDuplicates(path);
  const crashes: StoredCrash[] = [];
  for await (const crash of duplicates.dump()) crashes.push(crash);
  expect(crashes).toMatchObject([
    { id: 7, signature: "/bin/old:11:f:g", fixedVersion: null },
    { id: 8, signature: "/bin/old:6:f:g", fixedVersion: "" },
  ]);
  const answer = await duplicates.check(
    { id: 9, signature: null, addressSignature: "/bin/old:11:/lib/c+1:/lib/c+2:/lib/c+3", packageVersion: "1" },
    async () => new Map(),
  );
  expect(answer.verdict).toEqual({ kind: "duplicate", master: 7 });
  await duplicates.close();
});

test("we and a Python program change one file in turn", async () => {
  const lab = await makeDuplicatesLab();
  try {
    await lab.ask(10, { signature: "/bin/a:11:f:g", addressSignature: "/bin/a:11:l+1" });
    await lab.ask(20, { signature: "/bin/b:11:f:g", addressSignature: "/bin/b:11:l+1" });
    const seen = await lab.throughPython(`
print(db.execute("SELECT crash_id, fixed_version FROM crashes WHERE signature = ?", ("/bin/a:11:f:g",)).fetchall())
print(db.execute("SELECT crash_id FROM address_signatures WHERE signature = ?", ("/bin/b:11:l+1",)).fetchall())
db.execute("UPDATE crashes SET fixed_version = ?, last_change = CURRENT_TIMESTAMP WHERE crash_id = ?", ("2.0", 10))
db.execute("UPDATE crashes SET crash_id = 21 WHERE crash_id = 20")
db.execute("UPDATE address_signatures SET crash_id = 21 WHERE crash_id = 20")
db.execute("INSERT INTO crashes VALUES (?, ?, ?, CURRENT_TIMESTAMP)", ("/bin/c:11:f:g", 30, None))
db.execute("DELETE FROM crashes WHERE crash_id = 99")`);
    expect(seen).toBe("[(10, None)]\n[(20,)]\n");
    lab.statuses.set(10, { kind: "fixed", version: "2.0" });
    expect((await lab.ask(40, { signature: "/bin/a:11:f:g", packageVersion: "2.0" })).verdict.kind).toBe("regression");
    expect((await lab.ask(41, { addressSignature: "/bin/b:11:l+1" })).verdict).toMatchObject({ master: 21 });
    expect((await lab.ask(42, { signature: "/bin/c:11:f:g" })).verdict).toMatchObject({ master: 30 });
    expect(await lab.throughPython(`print(db.execute("PRAGMA integrity_check").fetchone()[0])`)).toBe("ok\n");
  } finally {
    await lab.dispose();
  }
});

test("address signatures of a crash that another program removed are named, and taken over by the next", async () => {
  const lab = await makeDuplicatesLab();
  try {
    await lab.ask(10, { signature: "/bin/a:11:f:g", addressSignature: "/bin/a:11:l+1" });
    await lab.throughPython(`db.execute("DELETE FROM crashes WHERE crash_id = 10")`);
    expect(await lab.duplicates.problems()).toEqual([expect.stringContaining("crash 10, which is not stored")]);
    const answer = await lab.ask(20, { signature: "/bin/a:11:f:g", addressSignature: "/bin/a:11:l+1" });
    expect(answer.verdict).toEqual({ kind: "new" });
    expect(await lab.duplicates.problems()).toEqual([]);
  } finally {
    await lab.dispose();
  }
});

for (const [format, remedy] of [
  [2, "up to format 3 first"],
  [4, "newer program"],
] as const) {
  test(`a file of format ${format} is refused and left as it is`, async () => {
    await runPython(path, createFormat3);
    await runPython(path, `db.execute("UPDATE version SET format = ${format}")`);
    const before = await runPython(path, "print('\\n'.join(db.iterdump()))");
    const failure = await openingFails();
    expect(failure.message).toContain(`says ${format}`);
    expect(failure.remedy).toContain(remedy);
    expect(await runPython(path, "print('\\n'.join(db.iterdump()))")).toBe(before);
  });
}

test("a file that became a later format after we had it is refused", async () => {
  await (await openDuplicates(path)).close();
  await runPython(path, `db.execute("UPDATE version SET format = 4")`);
  expect((await openingFails()).message).toContain("says 4");
});

test("another program's database is refused and left as it is", async () => {
  await runPython(path, `db.execute("CREATE TABLE cookies (id INTEGER)")`);
  const failure = await openingFails();
  expect(failure.message).toContain("not a duplicate database");
  expect(failure.message).toContain("cookies");
  expect(await runPython(path, "print([r[0] for r in db.execute('SELECT name FROM sqlite_master')])")).toBe(
    "['cookies']\n",
  );
});

test("a damaged file stops at opening, with SQLite's words", async () => {
  await runPython(
    path,
    `${createFormat3}
db.executemany("INSERT INTO crashes VALUES (?, ?, NULL, CURRENT_TIMESTAMP)", (("/bin/x%d:11:f:g" % i, 100 + i) for i in range(2000)))`,
  );
  await runPython(
    path,
    `
db.close()
with open(sys.argv[1], "r+b") as f:
    f.seek(30000); f.write(bytes([0xa5]) * 20000)
db = sqlite3.connect(":memory:")`,
  );
  const failure = await openingFails();
  expect(failure.message).toContain(path);
  expect(failure.message).toMatch(/malformed|btree|Tree|page/);
});

test("a text file is refused", async () => {
  await writeFile(path, "not a database, ".repeat(100));
  expect((await openingFails()).message).toContain("file is not a database");
});
