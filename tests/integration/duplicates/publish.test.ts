import { lstat, mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type DuplicatesLab, makeDuplicatesLab } from "./lab.ts";

let lab: DuplicatesLab;
let folder: string;

beforeEach(async () => {
  lab = await makeDuplicatesLab();
  folder = join(lab.folder, "public");
});

afterEach(async () => lab.dispose());

async function readPublished(kind: "sig" | "address"): Promise<Record<string, string>> {
  const names = (await readdir(join(folder, kind))).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, kind, name), "utf8")));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ""]));
}

test("every entry is in the file that a client looks in", async () => {
  await lab.ask(1, { signature: "/usr/bin/x:11:main:f", addressSignature: "/usr/bin/x:11:/l.so+1:/l.so+2" });
  await lab.ask(2, { signature: "/usr/bin/x:11:main:g", addressSignature: "/usr/bin/x:11:/l.so+1:/l.so+3" });
  await lab.ask(3, { signature: "/usr/bin/x:6:main:é" });
  await lab.ask(4, { signature: "/usr/bin/y:OSError (errno 2):main@1" });
  expect(await lab.duplicates.publish(folder)).toEqual({ signatures: 4, addresses: 2, leftOut: 0 });
  expect(await readPublished("sig")).toEqual({
    _usr_bin_x_11: "1 /usr/bin/x:11:main:f\n2 /usr/bin/x:11:main:g\n",
    _usr_bin_x_6: "3 /usr/bin/x:6:main:é\n",
    _usr_bin_y_OSError: "4 /usr/bin/y:OSError (errno 2):main@1\n",
  });
  expect(await readPublished("address")).toEqual({
    _usr_bin_x_11: "1 /usr/bin/x:11:/l.so+1:/l.so+2\n2 /usr/bin/x:11:/l.so+1:/l.so+3\n",
  });
});

test("no entry is lost where different paths share a file", async () => {
  await lab.ask(1, { signature: "/opt/a/b:11:f:g" });
  await lab.ask(2, { signature: "/opt/aXb:11:f:g" });
  await lab.ask(3, { signature: "/opt/a_b:11:f:g" });
  await lab.duplicates.publish(folder);
  expect(await readPublished("sig")).toEqual({
    _opt_a_b_11: "1 /opt/a/b:11:f:g\n3 /opt/a_b:11:f:g\n",
    _opt_aXb_11: "2 /opt/aXb:11:f:g\n",
  });
});

test("signatures of merged crashes lead to the crash that stayed", async () => {
  await lab.ask(1, { signature: "/bin/x:11:f:g" });
  await lab.ask(2, { signature: "/bin/x:11:h:i" });
  await lab.duplicates.merge(1, 2);
  await lab.duplicates.publish(folder);
  expect(await readPublished("sig")).toEqual({ _bin_x_11: "1 /bin/x:11:f:g\n1 /bin/x:11:h:i\n" });
});

test("signatures with a line break are left out, hostile names stay inside", async () => {
  await lab.ask(1, { signature: "/bin/x:11:f\n2 /bin/y:11:g" });
  await lab.ask(2, { signature: "../../../tmp/evil:11:f" });
  await lab.ask(3, { signature: ".." });
  await lab.ask(4, { signature: "../x y" });
  expect(await lab.duplicates.publish(folder)).toEqual({ signatures: 2, addresses: 0, leftOut: 2 });
  expect(Object.keys(await readPublished("sig"))).toEqual([".._.._.._tmp_evil_11", ".._x"]);
});

test("everything that is published can be read by everyone", async () => {
  await lab.ask(1, { signature: "/bin/x:11:f:g" });
  await lab.duplicates.publish(folder);
  expect((await stat(join(folder, "sig"))).mode & 0o777).toBe(0o755);
  expect((await stat(join(folder, ".current"))).mode & 0o777).toBe(0o755);
  expect((await stat(join(folder, "sig", "_bin_x_11"))).mode & 0o777).toBe(0o644);
});

test("a second publication replaces the first, which stays for late readers until the third", async () => {
  for (const id of [1, 2, 3, 4]) {
    await lab.ask(id, { signature: `/bin/x${id}:11:f:g` });
    await lab.duplicates.publish(folder);
    expect(Object.keys(await readPublished("sig"))).toHaveLength(id);
  }
  const generations = (await readdir(folder)).filter((name) => name.startsWith(".generation-"));
  expect(generations).toHaveLength(2);
  expect((await readdir(folder)).filter((name) => !name.startsWith(".generation-")).sort()).toEqual([
    ".current",
    "address",
    "sig",
  ]);
});

test("real folders that another program published are replaced", async () => {
  await mkdir(join(folder, "sig"), { recursive: true });
  await mkdir(join(folder, "address"));
  await writeFile(join(folder, "sig", "_old_1"), "1 /old:1\n");
  await lab.ask(1, { signature: "/bin/x:11:f:g" });
  await lab.duplicates.publish(folder);
  expect(Object.keys(await readPublished("sig"))).toEqual(["_bin_x_11"]);
  expect((await lstat(join(folder, "sig"))).isSymbolicLink()).toBe(true);
  expect((await readdir(folder)).some((name) => name.includes("before"))).toBe(false);
});

test("a build that was killed is cleaned up a day later, not before", async () => {
  const [old, young] = [join(folder, ".building-old"), join(folder, ".building-young")];
  await mkdir(old, { recursive: true });
  await mkdir(young);
  await utimes(old, new Date("2020-01-01"), new Date("2020-01-01"));
  await lab.duplicates.publish(folder);
  const names = await readdir(folder);
  expect(names).not.toContain(".building-old");
  expect(names).toContain(".building-young");
});

test("a reader finds every file at every moment while it is published again and again", async () => {
  for (let id = 1; id <= 30; id += 1) await lab.ask(id, { signature: `/bin/x${id}:11:f:g` });
  await lab.duplicates.publish(folder);
  let publishing = true;
  const publisher = (async () => {
    for (let round = 0; round < 15; round += 1) await lab.duplicates.publish(folder);
    publishing = false;
  })();
  let reads = 0;
  while (publishing) {
    const id = 1 + (reads % 30);
    expect(await readFile(join(folder, "sig", `_bin_x${id}_11`), "utf8")).toBe(`${id} /bin/x${id}:11:f:g\n`);
    reads += 1;
  }
  await publisher;
  expect(reads).toBeGreaterThan(15);
});

test("publications at the same time do not destroy each other", async () => {
  await lab.ask(1, { signature: "/bin/x:11:f:g" });
  await Promise.all(Array.from({ length: 6 }, () => lab.duplicates.publish(folder)));
  expect(await readPublished("sig")).toEqual({ _bin_x_11: "1 /bin/x:11:f:g\n" });
});

test("more crashes than a page holds, and more text than the buffer, are all published", async () => {
  await lab.throughPython(`db.executemany("INSERT INTO crashes VALUES (?, ?, NULL, CURRENT_TIMESTAMP)",
    (("/bin/x%d:11:%s:%d" % (i % 3, "f" * 2000, i), i) for i in range(1, 6001)))`);
  expect(await lab.duplicates.publish(folder)).toMatchObject({ signatures: 6000 });
  const published = await readPublished("sig");
  expect(Object.keys(published)).toEqual(["_bin_x0_11", "_bin_x1_11", "_bin_x2_11"]);
  const ids = Object.values(published).flatMap((text) =>
    text
      .trim()
      .split("\n")
      .map((line) => Number.parseInt(line, 10)),
  );
  expect(ids.sort((left, right) => left - right)).toEqual(Array.from({ length: 6000 }, (_, index) => index + 1));
});
