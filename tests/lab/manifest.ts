import type { Manifest } from "../../src/retrace/manifest-schema.ts";

/** The manifest of a result that no real retrace made. */
export const blankManifest: Manifest = {
  format: 1,
  crashDigger: "1",
  gdb: "GNU gdb 13",
  gdbCommands: [],
  architecture: "amd64",
  release: null,
  environment: "unpacked",
  modules: [],
  sources: [],
  symbolsMs: 1,
  debuggerMs: 1,
  gdbPeakBytes: null,
  result: { fields: {}, threads: "0".repeat(64) },
};
