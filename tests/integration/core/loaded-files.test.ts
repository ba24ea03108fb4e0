import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { procMapsOf } from "../../../src/core/proc-maps.ts";
import { compileC } from "../../lab/compile-c.ts";
import { coreAt } from "../../lab/core-at.ts";
import { makeCore } from "../../lab/make-core.ts";

const folder = mkdtempSync(join(tmpdir(), "loaded-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const library = compileC("int answer(void) { return 42; }", join(folder, "libanswer.so"), ["-shared", "-fPIC"]);

function crash(name: string, body: string, flags: readonly string[] = []): Promise<string> {
  const head =
    "#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <fcntl.h>\n#include <pthread.h>\n#include <stdlib.h>\n";
  const more = "#include <sys/mman.h>\n#include <unistd.h>\n";
  const program = compileC(`${head}${more}${body}`, join(folder, name), ["-pthread", ...flags]);
  return makeCore([program, library], folder, { crashesByItself: true });
}

test("a library that a program reads as data is a mapping and no module", async () => {
  const core = coreAt(
    await crash(
      "reader",
      `int main(int c, char **v) {
      if (mmap(0, 4096, PROT_READ, MAP_PRIVATE, open(v[1], O_RDONLY), 0) != MAP_FAILED) abort();
    }`,
    ),
  );
  expect(core.mappings.map(({ path }) => path)).toContain(library);
  expect(core.modules.map(({ path }) => path)).not.toContain(library);
});

test("a library loaded by dlopen is a module and in the link map under the name it was opened by", async () => {
  const core = coreAt(await crash("opener", "int main(int c, char **v) { if (dlopen(v[1], RTLD_NOW)) abort(); }"));
  const module = core.modules.find(({ path }) => path === library);
  expect(module).toMatchObject({
    isExecutable: false,
    deleted: false,
    buildId: expect.stringMatching(/^[0-9a-f]{40}$/),
  });
  expect(core.linkNames).toContainEqual({ name: library, loadAddress: module?.start });
});

test("a library in two namespaces is two modules, and both are in the link map", async () => {
  const core = coreAt(
    await crash(
      "twice",
      `int main(int c, char **v) {
      if (dlopen(v[1], RTLD_NOW) && dlmopen(LM_ID_NEWLM, v[1], RTLD_NOW)) abort();
    }`,
    ),
  );
  const modules = core.modules.filter(({ path }) => path === library);
  expect(new Set(modules.map(({ start }) => start)).size).toBe(2);
  expect(
    core.linkNames
      .filter(({ name }) => name === library)
      .map(({ loadAddress }) => loadAddress)
      .sort(),
  ).toEqual(modules.map(({ start }) => start).sort());
});

test("a file that was removed before the crash keeps its path and is marked as deleted", async () => {
  const program = compileC(
    "#include <unistd.h>\n#include <stdlib.h>\nint main(int c, char **v) { unlink(v[0]); abort(); }",
    join(folder, "gone"),
  );
  const core = coreAt(await makeCore([program], folder, { crashesByItself: true }));
  expect(core.modules.find(({ isExecutable }) => isExecutable)).toMatchObject({ path: program, deleted: true });
  expect(core.mappings[0]?.path).toBe(`${program} (deleted)`);
});

test("of several threads the crashing one comes first, each with its program counter", async () => {
  const core = coreAt(
    await crash(
      "threads",
      `
      static pthread_barrier_t all;
      void *wait(void *x) { pthread_barrier_wait(&all); for (;;) pause(); }
      void *fail(void *x) { pthread_barrier_wait(&all); abort(); }
      int main(void) {
        pthread_t t; pthread_barrier_init(&all, 0, 4);
        pthread_create(&t, 0, wait, 0); pthread_create(&t, 0, wait, 0); pthread_create(&t, 0, fail, 0);
        wait(0);
      }`,
    ),
  );
  expect(core.threads).toHaveLength(4);
  expect(core.signal).toBe(6);
  expect(core.threads[0]?.tid).not.toBe(core.pid);
  const codeHolds = (pc: bigint | null) =>
    core.mappings.some(
      ({ start, end, permissions }) => pc !== null && permissions[2] === "x" && start <= pc && pc < end,
    );
  expect(core.threads.every(({ pc }) => codeHolds(pc))).toBe(true);
});

test("a core that was cut off says by how much, and still has its build-ids", async () => {
  const path = await makeCore(["sleep", "1000"], folder);
  const whole = coreAt(path);
  const sizeBytes = statSync(path).size;
  truncateSync(path, sizeBytes - 100_000);
  const cut = coreAt(path);
  truncateSync(path, sizeBytes - 120_000);
  // A core by gdb ends with section headers, which nobody misses; the kernel's does not.
  expect(cut.truncatedBy).toBeGreaterThan(90_000);
  expect(coreAt(path).truncatedBy).toBe(cut.truncatedBy + 20_000);
  expect(whole.truncatedBy).toBe(0);
  // gdb writes the notes last, so that their names are lost; which files they were is not.
  const buildIds = whole.modules.map(({ buildId }) => buildId);
  expect(cut.modules.map(({ buildId }) => buildId)).toEqual(expect.arrayContaining(buildIds));
});

test("memory maps made from a core are those that the kernel showed of the process", async () => {
  const program = compileC(
    `#include <stdio.h>
     #include <stdlib.h>
     int main(void) {
       FILE *maps = fopen("/proc/self/maps", "r"), *copy = fopen("${folder}/maps", "w");
       for (int c; (c = getc(maps)) != EOF;) putc(c, copy);
       fflush(copy); abort();
     }`,
    join(folder, "maps-copier"),
  );
  // With file-backed memory too, since gdb leaves out the headers of what it does not dump.
  const core = coreAt(await makeCore([program], folder, { crashesByItself: true, coredumpFilter: 0x37 }));
  expect(comparableMaps(procMapsOf(core))).toEqual(comparableMaps(readFileSync(`${folder}/maps`, "utf8")));
});

// The kernel's own lines without what no core tells: device and inode, anonymous memory, [heap], [stack], [vvar].
function comparableMaps(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => / {2,}(\/|\[vdso\])/.test(line))
    .map((line) => line.replace(/^(\S+ \S+ \S+) \S+ \d+ +/, "$1  "));
}
