// Prepares a fresh machine and then runs one of the project's commands: `build`, `demo`, `test`, `check`,
// `bench`, `chaos` or `launchpad-lab`.
// Plain JavaScript for Node 18 and later, without packages: it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchBorrowedPackages } from "./borrowed-packages.mjs";
import { packagesFor } from "./system-packages.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
// npm 9 (Debian 12, Ubuntu 24.04) does not link the pinned node into .bin, so it is taken from its own folder.
const pinnedFolders = ["x64", "arm64"].map((machine) => join(modules, `node-linux-${machine}`, "bin"));
const path = [...pinnedFolders, join(modules, ".bin"), process.env.PATH].join(":");
const environment = { ...process.env, PATH: path, TZ: "UTC" };

const tasks = {
  bench: runBench,
  build: () => 0,
  chaos: runChaos,
  check: runChecks,
  demo: runDemo,
  "launchpad-lab": runLaunchpadLab,
  test: runTests,
};

main(process.argv[2], process.argv.slice(3));

function main(task, args) {
  if (!Object.hasOwn(tasks, task)) fail(`usage: node scripts/setup.mjs ${Object.keys(tasks).join("|")}`);
  process.chdir(root);
  installNpmPackages();
  requireNode();
  installSystemPackages(task);
  bundle();
  process.exit(tasks[task](args));
}

// What is tested, measured and shown is what is used: the program as the launcher starts it.
function bundle() {
  if (run(["node", "scripts/bundle.mjs"]) !== 0) fail("The program could not be joined into build/bundle, see above.");
}

function runDemo(args) {
  return run(["node", "--disable-warning=ExperimentalWarning", "demo/demo.ts", ...args]);
}

function runBench(args) {
  return run(["node", "--disable-warning=ExperimentalWarning", "bench/bench.ts", ...args]);
}

function runChaos(args) {
  return run(["node", "--disable-warning=ExperimentalWarning", "tests/lab/chaos/main.ts", ...args]);
}

function runLaunchpadLab(args) {
  return run(["node", "--disable-warning=ExperimentalWarning", "tests/lab/launchpad/serve.ts", ...args]);
}

function runTests(args) {
  if (fetchBorrowedPackages(root, environment) !== 0) fail("Packages for the tests could not be fetched, see above.");
  const results = join(root, "build", "test-results.json");
  mkdirSync(dirname(results), { recursive: true });
  rmSync(results, { force: true });
  const code = run(["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${results}`, ...args]);
  if (!existsSync(results)) return code || 1;
  console.log(tally(JSON.parse(readFileSync(results, "utf8"))));
  return code;
}

function runChecks() {
  const checks = [
    ["tsc"],
    ["biome", "check", "--error-on-warnings", "."],
    ["knip"],
    ["depcruise", "--config", ".dependency-cruiser.cjs", "--output-type", "err", "src", "tests", "demo", "bench"],
  ];
  const failed = checks.filter((check) => run(check) !== 0);
  console.log(`${checks.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

// A file that could not even be loaded has no failed test, and yet is a failure.
function tally(results) {
  const unloaded = results.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  const skipped = results.numPendingTests > 0 ? `, ${results.numPendingTests} skipped` : "";
  return `${results.numPassedTests} passed, ${results.numFailedTests + unloaded.length} failed${skipped}`;
}

// npm ci takes seconds even when nothing has changed, so the lock file's hash is remembered beside its result.
function installNpmPackages() {
  const stamp = join(modules, ".crash-digger-lock");
  const hash = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  console.log("Installing the npm packages (npm ci) …");
  npmCi(majorOf(process.versions.node) >= 24 ? process.env.PATH : `${newerNode()}:${process.env.PATH}`);
  writeFileSync(stamp, hash);
}

// npm leaves optional packages out when the Node that npm itself runs on is too old for them, without a word:
// with Debian 12's Node 18 the linter's and the test runner's own binaries are missing. So the pinned Node is
// fetched first, put aside, and then runs npm.
function newerNode() {
  npmCi(process.env.PATH, "--omit=dev");
  const pinned = pinnedFolders.map((folder) => join(folder, "node")).find(existsSync);
  if (pinned === undefined) return "/nonexistent";
  const aside = join(root, "build", "node");
  mkdirSync(aside, { recursive: true });
  copyFileSync(pinned, join(aside, "node"));
  return aside;
}

function npmCi(path, ...options) {
  // npm 9 on a newer Node warns about npm's own code.
  const env = { ...process.env, PATH: path, NODE_NO_WARNINGS: "1" };
  const command = ["ci", "--no-audit", "--no-fund", "--loglevel=error", ...options];
  if (spawnSync("npm", command, { stdio: ["ignore", "ignore", "inherit"], env }).status === 0) return;
  fail("npm ci failed, see above. The npm registry has to be reachable once; check the network and npm's settings.");
}

function majorOf(version) {
  return Number.parseInt(version, 10);
}

function requireNode() {
  const found = spawnSync("node", ["-p", "process.versions.node"], { env: environment, encoding: "utf8" });
  const version = found.stdout?.trim() ?? "";
  if (majorOf(version) >= 24) return;
  fail(
    `Node.js 24 or later is needed; found ${version || "none"}. npm installs it beside the project on x86-64 and arm64; ` +
      "on other machines install it on the system.",
  );
}

function installSystemPackages(task) {
  const missing = packagesFor(task).filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const install = ["apt-get", "install", "-y", "--no-install-recommends", ...missing];
  console.log(`Installing Debian packages: ${missing.join(" ")} …`);
  const asRoot = process.getuid() === 0 ? [] : ["sudo"];
  const quiet = ["-qq", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300"];
  const noPrompt = ["env", "DEBIAN_FRONTEND=noninteractive"];
  const updated = run([...asRoot, "apt-get", ...quiet, "update"]) === 0;
  const installed = updated && run([...asRoot, ...noPrompt, "apt-get", ...quiet, ...install.slice(1)]) === 0;
  if (!installed) {
    fail(
      `These Debian packages are needed and could not be installed: ${missing.join(" ")}\n` +
        "apt's own words are above. Connect the machine to its package archive and try again, or install them:\n" +
        `  ${[...(asRoot.length ? ["sudo"] : []), ...install].join(" ")}`,
    );
  }
}

function isInstalled(name) {
  const query = spawnSync("dpkg-query", ["-W", "-f", "$" + "{db:Status-Status}", name], { encoding: "utf8" });
  return query.status === 0 && query.stdout.startsWith("installed");
}

function run([command, ...args]) {
  const result = spawnSync(command, args, { stdio: "inherit", env: environment });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status ?? 1;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
