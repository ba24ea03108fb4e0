import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { minimalEnvironment, type ProcessResult, run } from "../../src/system/process.ts";

/** Real apt with a root of its own, driven by hand: what the lab's archives are tried with. */
export type PrivateApt = {
  readonly root: string;
  /** `apt-get update --error-on=any`. */
  update(): Promise<ProcessResult>;
  /** `apt-get download NAME…` into `<root>/downloads`. */
  download(...names: readonly string[]): Promise<ProcessResult>;
};

/** Who runs apt. Only root can become `nobody`; an ordinary user is unprivileged as it is. */
export type AptUser = "self" | "nobody";

/**
 * Makes an apt root for one architecture whose sources are those of a release folder. Nothing of the
 * machine's own configuration is read. Failed downloads are not tried again, and a silent server is given
 * up after a second.
 */
export async function privateApt(
  root: string,
  releaseFolder: string,
  architecture: string,
  user: AptUser = "self",
): Promise<PrivateApt> {
  for (const folder of ["lists/partial", "cache/archives/partial", "downloads", "empty"]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  const config = join(root, "apt.conf");
  await writeFile(join(root, "status"), "");
  await writeFile(config, configuration(root, releaseFolder, architecture));
  if (user === "nobody") await giveToNobody(root);
  const apt = (args: readonly string[]): Promise<ProcessResult> =>
    run([...becoming(user), "apt-get", "--quiet", ...args], {
      deadlineMs: 60_000,
      cwd: join(root, "downloads"),
      env: { ...minimalEnvironment, APT_CONFIG: config },
    });
  return {
    root,
    update: () => apt(["update", "--error-on=any"]),
    download: (...names) => apt(["download", ...names]),
  };
}

// apt reads APT_CONFIG first, then the machine's apt.conf.d, which would win: build machines are known to
// have `Acquire::Check-Valid-Until "false"` or a proxy there. So the places of those files are set here too.
function configuration(root: string, releaseFolder: string, architecture: string): string {
  const settings: Record<string, string> = {
    "Dir::State": root,
    "Dir::State::lists": join(root, "lists"),
    "Dir::State::status": join(root, "status"),
    "Dir::Cache": join(root, "cache"),
    "Dir::Etc::main": "/dev/null",
    "Dir::Etc::parts": join(root, "empty"),
    "Dir::Etc::sourcelist": join(releaseFolder, "sources.list"),
    "Dir::Etc::sourceparts": join(releaseFolder, "sources.list.d"),
    "Dir::Etc::trusted": join(root, "empty", "none.gpg"),
    "Dir::Etc::trustedparts": join(releaseFolder, "trusted.gpg.d"),
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": join(root, "empty"),
    "APT::Architecture": architecture,
    "APT::Architectures": architecture,
    "APT::Get::AllowUnauthenticated": "false",
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    "Acquire::Retries": "0",
    "Acquire::http::Timeout": "1",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  return lines.join("");
}

async function giveToNobody(root: string): Promise<void> {
  const nobody = 65534;
  for (const folder of [
    "lists",
    "lists/partial",
    "cache",
    "cache/archives",
    "cache/archives/partial",
    "downloads",
    "",
  ]) {
    await chmod(join(root, folder), 0o755);
    await chown(join(root, folder), nobody, nobody);
  }
}

function becoming(user: AptUser): readonly [] | readonly [string, ...string[]] {
  return user === "self" ? [] : ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"];
}
