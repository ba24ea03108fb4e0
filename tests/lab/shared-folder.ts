import type { TestProject } from "vitest/node";
import { type TemporaryFolder, temporaryFolder } from "./temporary.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder of this run of the tests, for what several files need and is slow to make. */
    sharedFolder: string;
  }
}

let folder: TemporaryFolder | null = null;

/** Called by vitest before the first test file. */
export async function setup(project: TestProject): Promise<void> {
  folder = await temporaryFolder("shared");
  project.provide("sharedFolder", folder.path);
}

/** Called by vitest after the last. */
export async function teardown(): Promise<void> {
  await folder?.remove();
}
