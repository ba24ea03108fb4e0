import { basename } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCommandLab } from "../lab/command.ts";
import { crashReport } from "../lab/crash-report.ts";
import { createSignedLab, type Lab } from "../lab/lab.ts";
import { trafficSince } from "../lab/traffic.ts";

let lab: Lab<"plugin" | "foo">;

beforeAll(async () => {
  lab = await createSignedLab("plugin", "foo");
});
afterAll(() => lab?.[Symbol.asyncDispose]());

test("a cold retrace fetches the packages of its modules once each and no Contents list, and the next one nothing", async () => {
  const { plugin, foo } = lab.programs;
  const library = { arguments: [foo.recipe.installedPath], libraries: [foo] };
  const report = await crashReport(lab, plugin, library);
  const command = await createCommandLab(lab);
  const cold = await command.crashDigger(["retrace", "-s", "--verbose", report]);
  expect(cold.stdout.toString("utf8")).toContain("foo_divide");
  const { bytes, packages } = trafficSince(lab.server, 0);
  expect(packages.map((path) => basename(path).replace(/_.*/, "")).toSorted()).toEqual([
    ...["libfoo1", "libfoo1-dbgsym", "plugin", "plugin-dbgsym"],
  ]);
  expect(bytes).toMatchObject({ contents: 0, sources: 0, other: 0 });
  // One update for packages, and one for source packages however many modules are asked about.
  const updates = cold.stderr.matchAll(/ package lists updated .* lists=(\w+) durationMs=\d+$/gm);
  expect([...updates].map(([, lists]) => lists)).toEqual(["packages", "sources"]);

  const asked = lab.server.hits().length;
  const warm = await command.crashDigger(["retrace", "-s", report]);
  expect(warm.stdout).toEqual(cold.stdout);
  expect(trafficSince(lab.server, asked).requests).toBe(0);
});
