import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { addPackages } from "./archive.ts";
import type { Lab } from "./lab.ts";
import { type PackagedProgram, packageProgram } from "./program.ts";
import { addSourcePackage, buildSourcePackage, type SourceRecipe } from "./source-package.ts";

/** Three projects in one stack; two of them have a file `src/util.c`. */
export type Tangle = {
  readonly program: PackagedProgram;
  readonly one: PackagedProgram;
  readonly two: PackagedProgram;
};

const mainC = `#include <dlfcn.h>

int main(int argc, char **argv)
{
    int (*work)(int (*)(int *)) = dlsym(dlopen(argv[1], RTLD_NOW), "one_work");
    return work(dlsym(dlopen(argv[argc - 1], RTLD_NOW), "two_work")); /* main's own */
}
`;
const oneC = `int one_work(int (*work)(int *))
{
    return work(0) + 1; /* libone's own */
}
`;
// What the distribution compiled: every line is two further down than in the upstream file.
const onePatch = `Description: two lines more
--- a/src/util.c
+++ b/src/util.c
@@ -1,3 +1,5 @@
+/* patched in */
+
 int one_work(int (*work)(int *))
 {
     return work(0) + 1; /* libone's own */
`;
const twoC = `/* The other util.c. */
int two_work(int *number)
{
    return *number; /* libtwo's own */
}
`;

const recipes: Readonly<Record<"tangle" | "one" | "two", SourceRecipe>> = {
  tangle: { name: "tangle", version: "1.0-1", format: "1.0", files: { "main.c": mainC, "docs/main.txt": "" } },
  one: {
    name: "one",
    version: "1.0-1",
    format: "3.0 (quilt)",
    files: { "src/util.c": oneC, "test/util.c": "/* not this one */\n" },
    patches: { "more.patch": onePatch },
  },
  two: { name: "two", version: "2.0", format: "3.0 (native)", files: { "src/util.c": twoC } },
};

/** Packages the three projects and puts their packages into the lab's archive; to be published by the caller. */
export async function packageTangle(lab: Lab): Promise<Tangle> {
  const place = (name: string): string => join(lab.folder, "opt", "tangle", name);
  const shared = ["-shared", "-fPIC"];
  const tree = (name: string): string => join(lab.folder, "tangle-build", name);
  const one = await compiled(lab, "one", "src/util.c", oneC.replace(/^/, "/* patched in */\n\n"), {
    name: "libone1",
    source: "one",
    version: "1.0-1",
    installedPath: place("libone.so.1"),
    // As dpkg-buildflags does it: paths count from the top of the tree.
    flags: [...shared, `-ffile-prefix-map=${tree("one")}=.`],
  });
  const two = await compiled(lab, "two", "src/util.c", twoC, {
    name: "libtwo1",
    source: "two",
    version: "2.0",
    installedPath: place("libtwo.so.1"),
    // As Ubuntu does it.
    flags: [...shared, `-ffile-prefix-map=${tree("two")}=/usr/src/two-2.0`],
  });
  const program = await compiled(lab, "tangle", "main.c", mainC, {
    name: "tangle",
    version: "1.0-1",
    installedPath: place("tangle"),
    flags: ["-ldl"],
  });
  await addPackages(
    lab.archive,
    [program, one, two].flatMap((each) => [each.package, each.debugPackage]),
  );
  return { program, one, two };
}

/** Puts the source packages into the lab's archive too. */
export async function addTangleSources(lab: Lab, names: readonly ("tangle" | "one" | "two")[]): Promise<void> {
  for (const name of names) {
    const files = await buildSourcePackage(recipes[name], join(lab.folder, "sources"));
    await addSourcePackage(lab.archive, name, files);
  }
}

type Recipe = Omit<Parameters<typeof packageProgram>[0], "sources">;

async function compiled(lab: Lab, project: string, path: string, text: string, recipe: Recipe) {
  const source = join(lab.folder, "tangle-build", project, path);
  await mkdir(dirname(source), { recursive: true });
  await writeFile(source, text);
  return await packageProgram({ ...recipe, sources: [source] }, lab.folder);
}
