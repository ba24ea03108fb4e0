import { expect, test } from "vitest";
import { addPackages, publish } from "../../lab/archive.ts";
import { packageProgram } from "../../lab/program.ts";
import { temporaryFolder } from "../../lab/temporary.ts";
import { neverAborted, symbolsWorld } from "./symbols-world.ts";

test("the archive tells which build-ids it lists, and sees at once when a package brings another", async () => {
  await using folder = await temporaryFolder("known-build-ids");
  const recursion = { name: "recursion", version: "1.0-1", sources: ["recursion.c"] } as const;
  const first = await packageProgram({ ...recursion, installedPath: "/usr/bin/recursion" }, folder.path);
  const second = await packageProgram(
    { name: "inlined", version: "1.0-1", sources: ["inlined.c"], installedPath: "/usr/bin/inlined" },
    folder.path,
  );
  await using world = await symbolsWorld([first.package, first.debugPackage]);
  const { release, architecture } = world.hints();
  const ids = [first.split.buildId, second.split.buildId];
  const many = Array.from({ length: 3000 }, (_, number) => number.toString(16).padStart(40, "0"));
  const known = (name: string | null, asked: readonly string[]) =>
    world.archive.buildIdsKnown(name, architecture, asked, neverAborted);

  expect(await known(release, [...many, "../x", "", ...ids])).toEqual(new Set([first.split.buildId]));
  await addPackages(world.lab, [second.package, second.debugPackage]);
  await publish(world.lab);
  expect(await known(release, ids)).toEqual(new Set(ids));
  expect(await known("Lab 2", ids)).toEqual(new Set());
  expect(await known(null, ids)).toEqual(new Set());
});
