import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

process.env["TZ"] = "UTC";
process.env["LC_ALL"] = "C.UTF-8";

// What takes long begins first, so that no worker is left alone with it at the end.
const longest = ["tests/system", "tests/faults", "tests/hostile", "tests/network", "tests/integration"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const turn = ({ moduleId }: TestSpecification): number => {
      const path = relative(import.meta.dirname, moduleId);
      const at = longest.findIndex((folder) => path.startsWith(`${folder}/`));
      return at === -1 ? longest.length : at;
    };
    return (await super.sort(files)).sort((left, right) => turn(left) - turn(right));
  }
}

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/lab/shared-folder.ts"],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    pool: "forks",
    // One process for many files: to load everything anew for each of them took a quarter of the time. What a test changes in
    // its own process (environment, umask) it puts back.
    isolate: false,
  },
});
