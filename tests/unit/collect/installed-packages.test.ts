import { expect, test } from "vitest";
import { installedPackagesIn } from "../../../src/collect/installed-packages.ts";

const listing = [
  "installed\tapp\t1.0\tamd64\tapp-source\tlibc6 (>= 2.34)\tgone, mta\t",
  "config-files\tgone\t2.0\tall\tgone\t\t\t",
  "installed\tpostfix\t3.7\tamd64\tpostfix\t\t\tmta",
  "installed\tlibc6\t2.36\tamd64\tglibc\t\t\t",
  "",
].join("\n");

test("a package that was removed and left its configuration behind is not installed", () => {
  const installed = installedPackagesIn(listing);
  expect(installed.get("gone")).toBeNull();
  expect(installed.get("app")).toEqual({ name: "app", version: "1.0", architecture: "amd64", source: "app-source" });
  expect(installed.dependenciesOf("app").map(({ name, version }) => `${name} ${version}`)).toEqual([
    "libc6 2.36",
    "postfix 3.7",
  ]);
});
