// Debian packages whose programs tests run without installing them: a cron of its own would start on this machine, and
// an MTA would take the place of the one that is there. They are only fetched, into build/debian/, with what they
// depend on that is not installed; tests/lab/machine unpacks them on an overlay that is gone after the test.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const names = ["cron", "exim4-daemon-light", "libfaketime", "logrotate"];

/** Fetches them, once. @returns apt's exit code. */
export function fetchBorrowedPackages(root, environment) {
  const folder = join(root, "build", "debian");
  const stamp = join(folder, "fetched");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === names.join(" ")) return 0;
  console.log(`Fetching Debian packages for the tests, not installing them: ${names.join(" ")} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "partial"), { recursive: true });
  const asRoot = process.getuid() === 0 ? [] : ["sudo"];
  const apt = (...words) => {
    const [command, ...args] = [...asRoot, "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", ...words];
    return spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"], env: environment }).status ?? 1;
  };
  const cache = ["-o", `Dir::Cache::archives=${folder}`];
  const fetch = () => apt("install", "-y", "--download-only", "--no-install-recommends", ...cache, ...names);
  const code = fetch() === 0 ? 0 : apt("update") || fetch();
  if (code === 0) writeFileSync(stamp, names.join(" "));
  return code;
}
