import { defineConfig } from "vitest/config";

process.env["TZ"] = "UTC";
process.env["LC_ALL"] = "C.UTF-8";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/lab/shared-folder.ts"],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    maxWorkers: 4,
    pool: "forks",
    // One process for many files: to load everything anew for each of them took a quarter of the time. What a test changes in
    // its own process (environment, umask) it puts back.
    isolate: false,
  },
});
