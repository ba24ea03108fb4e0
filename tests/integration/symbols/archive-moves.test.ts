import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { addPackages, publish, removePackage } from "../../lab/archive.ts";
import { packageProgram } from "../../lab/program.ts";
import { temporaryFolder } from "../../lab/temporary.ts";
import { moduleAt, neverAborted, symbolsWorld } from "./symbols-world.ts";

test("a version that leaves the archive in mid-search is looked for once more, with fresh lists", async () => {
  await using folder = await temporaryFolder("archive-moves");
  const recipe = { name: "workers", sources: ["workers.c"], installedPath: "/usr/bin/workers" } as const;
  const before = await packageProgram({ ...recipe, version: "1.0-1" }, folder.path);
  // Packaged anew, the same program: the build-id stays.
  const after = await packageProgram({ ...recipe, version: "1.0-2" }, folder.path);
  expect(after.split.buildId).toBe(before.split.buildId);
  await using world = await symbolsWorld([before.package, before.debugPackage]);

  const recover = world.server.misbehave(/\.deb$/, { kind: "hang" });
  const finding = world.symbols.find([moduleAt("/usr/bin/workers", before.split.buildId)], world.hints(), neverAborted);
  while (world.server.hits(/\.deb$/).length === 0) await delay(10);
  for (const each of [before.package, before.debugPackage]) await removePackage(world.lab, each);
  await addPackages(world.lab, [after.package, after.debugPackage]);
  await publish(world.lab);
  recover();
  world.server.dropConnections();

  const [found] = await finding;
  expect(found?.fidelity).toMatchObject({ status: "matched", executable: { package: "workers=1.0-2" } });
  expect(world.server.hits(/1\.0-1_.*\.deb$/).some(({ status }) => status === 404)).toBe(true);
});
