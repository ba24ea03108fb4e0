// Who may import whom. The one list to read when a folder is added; docs/architecture.md explains it.
const mayImport = {
  cli: ["*"],
  digger: ["tracker", "retrace", "duplicates", "notify", "symbols", "report", "trace", "database", "system"],
  health: ["digger", "symbols", "system"],
  doctor: ["digger", "tracker", "duplicates", "chroots", "symbols", "debugger", "database", "system"],
  maintenance: ["tracker", "duplicates", "digger", "symbols", "notify", "database", "system"],
  retrace: ["report", "core", "symbols", "sources", "debugger", "trace", "system"],
  collect: ["report", "core", "symbols", "trace", "system"],
  tracker: ["report", "trace", "database", "system"],
  duplicates: ["trace", "database", "system"],
  sources: ["symbols", "database", "system"],
  chroots: ["symbols", "system"],
  symbols: ["core", "database", "system"],
  debugger: ["trace", "system"],
  trace: [],
  core: [],
  report: [],
  notify: ["system"],
  database: ["system"],
  system: [],
  config: ["system"],
  wiring: ["*"],
};

const folders = Object.keys(mayImport);
const layerRules = folders
  .filter((folder) => !mayImport[folder].includes("*"))
  .map((folder) => ({
    name: `layer-${folder}`,
    comment: `${folder}/ may import only: ${mayImport[folder].join(", ") || "nothing of ours"}`,
    severity: "error",
    from: { path: `^src/${folder}/` },
    to: { path: "^src/", pathNot: `^src/(${[folder, ...mayImport[folder]].join("|")})/` },
  }));

module.exports = {
  forbidden: [
    ...layerRules,
    { name: "no-circles", severity: "error", from: { path: "^src/" }, to: { circular: true } },
    {
      name: "no-circles-in-tests",
      comment: "types of two files that belong together may refer to each other",
      severity: "error",
      from: { path: "^(tests|demo|bench)/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "known-folder", severity: "error", from: { path: `^src/(?!(${folders.join("|")})/)[^/]+/` }, to: {} },
    {
      name: "not-from-tests",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(tests|demo|bench|scripts)/" },
    },
    {
      name: "only-system-spawns",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/system/" },
      to: { path: "^(node:)?child_process$", dependencyTypes: ["core"] },
    },
    {
      name: "no-dev-dependency-at-run-time",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev"] },
    },
  ],
  options: { tsPreCompilationDeps: true, doNotFollow: { path: "node_modules" } },
};
