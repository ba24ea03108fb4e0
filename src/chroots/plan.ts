import { leftAnIndexOut, requireAptSuccess } from "../symbols/archive/apt-failure.ts";
import type { AptRoot } from "../symbols/archive/apt-root.ts";
import { lockedApt } from "../symbols/archive/locked-apt.ts";
import { ServiceFailure } from "../system/failure.ts";
import { type ProcessResult, run, succeeded } from "../system/process.ts";
import { aptReason } from "./failure.ts";

export type PlannedPackage = { readonly name: string; readonly version: string; readonly architecture: string };

/** What apt would do: packages to unpack and configure, in its order, and names of those to remove. */
export type Plan = { readonly install: readonly PlannedPackage[]; readonly remove: readonly string[] };

export type PlanOptions = {
  readonly root: AptRoot;
  /** The system's root folder; null for one that has no package yet. */
  readonly system: string | null;
  /** File with pins (apt_preferences(5)); none unless told. */
  readonly preferences?: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
};

/**
 * What `apt-get dist-upgrade` would do in a system, by the lists that the release's private apt has now.
 *
 * @throws ServiceFailure with apt's own words
 */
export async function planUpgrade(options: PlanOptions): Promise<Plan> {
  const result = await simulate(["dist-upgrade"], options);
  requireAptSuccess(`apt-get -s dist-upgrade for ${options.root.title}`, result, "Mend the archive, then unlock.");
  return planIn(result);
}

export type InstallPlan =
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "none"; readonly reason: string };

// Words for: these packages do not go together, or are not there. Everything else that apt complains of is its own state.
const impossible =
  /Unable to correct problems|unmet dependencies|held broken packages|was not found|Unable to locate|no installation candidate|would break|Essential packages/i;

/**
 * What `apt-get install` of these would do (`name=version`, or one of apt's patterns).
 *
 * @returns `none` when they cannot be installed together: what a report names need not fit.
 * @throws ServiceFailure when apt itself fails
 */
export async function planInstall(wanted: readonly string[], options: PlanOptions): Promise<InstallPlan> {
  const result = await simulate(["--allow-downgrades", "install", ...wanted], options);
  if (succeeded(result) && !leftAnIndexOut(result.stderr)) return { kind: "plan", plan: planIn(result) };
  const said = `${result.stdout.toString("utf8")}\n${result.stderr}`;
  if (result.exitCode === 100 && impossible.test(said)) return { kind: "none", reason: aptReason(result) };
  requireAptSuccess(`apt-get -s install for ${options.root.title}`, result, "Mend the archive, then unlock.");
  throw new ServiceFailure(`apt-get -s install for ${options.root.title} failed: ${aptReason(result)}`);
}

async function simulate(args: readonly string[], options: PlanOptions): Promise<ProcessResult> {
  const { root, system, preferences, deadlineMs, signal } = options;
  const settings = {
    ...(system === null
      ? {}
      : {
          "Dir::State::status": `${system}/var/lib/dpkg/status`,
          "Dir::State::extended_states": `${system}/var/lib/apt/extended_states`,
        }),
    ...(preferences === undefined ? {} : { "Dir::Etc::preferences": preferences }),
    // The caches are of another set of installed packages.
    "Dir::Cache::pkgcache": "",
    "Dir::Cache::srcpkgcache": "",
    "APT::Install-Recommends": "false",
    // Ubuntu gives an upgrade to some machines first: a chroot that is used for all of them has to have it.
    "APT::Get::Always-Include-Phased-Updates": "true",
  };
  const words = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  // A shared lock: the lists are not replaced meanwhile.
  const command = lockedApt(root, "shared", Math.ceil(deadlineMs / 1000), ["-q", "-s", ...words, ...args]);
  const result = await run(command, { deadlineMs, env: root.environment, signal });
  signal.throwIfAborted();
  return result;
}

const maxPackages = 5000;

/** `Inst libc6 [2.36-9] (2.36-10 Debian:12/stable [amd64])`, `Remv name [version]`; the name may have `:arch`. */
function planIn(result: ProcessResult): Plan {
  const install: PlannedPackage[] = [];
  const remove: string[] = [];
  for (const line of result.stdout.toString("utf8").split("\n")) {
    const inst = /^Inst ([^\s:]+)\S* (?:\[\S+\] )?\((\S+) .*\[(\S+)\]\)/.exec(line);
    if (inst !== null) {
      const [, name = "", version = "", architecture = ""] = inst;
      install.push({ name, version, architecture });
      continue;
    }
    const remv = /^Remv (\S+)/.exec(line);
    if (remv?.[1] !== undefined) remove.push(remv[1]);
  }
  if (install.length + remove.length > maxPackages)
    throw new ServiceFailure(`apt plans to touch more than ${maxPackages} packages`);
  return { install, remove };
}
