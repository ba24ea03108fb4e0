import { join } from "node:path";

/** What the launcher has node run, for tests that start node themselves. `npm test` joins it from the sources. */
export const joinedProgram = join(import.meta.dirname, "..", "..", "build", "bundle", "start.cjs");
