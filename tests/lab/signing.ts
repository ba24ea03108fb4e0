import { existsSync } from "node:fs";
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { minimalEnvironment } from "../../src/system/process.ts";
import { pauseUntil } from "./process-state.ts";
import { tool } from "./tool.ts";

/** A key to sign archives with, in a GnuPG home of its own inside the folder that it was made in. */
export type SigningKey = {
  readonly home: string;
  /** The public key for `trusted.gpg.d` or `Signed-By`: binary (`.gpg`) and in ASCII (`.asc`). */
  readonly publicKeyFile: string;
  readonly armoredKeyFile: string;
  readonly armoredKey: string;
};

/** Makes a throw-away key, valid for ever, without a passphrase. About 50 ms. */
export async function createSigningKey(folder: string): Promise<SigningKey> {
  const home = join(folder, "gnupg");
  await mkdir(home, { recursive: true, mode: 0o700 });
  await chmod(home, 0o700);
  const name = "Crash Digger Lab <lab@archive.example>";
  await gpg(home, [
    "--pinentry-mode",
    "loopback",
    "--passphrase",
    "",
    "--quick-gen-key",
    name,
    "ed25519",
    "sign",
    "never",
  ]);
  const publicKeyFile = join(folder, "lab-key.gpg");
  const armoredKeyFile = join(folder, "lab-key.asc");
  await gpg(home, ["--output", publicKeyFile, "--export"]);
  await gpg(home, ["--output", armoredKeyFile, "--armor", "--export"]);
  await chmod(publicKeyFile, 0o644);
  await chmod(armoredKeyFile, 0o644);
  const armoredKey = (await gpg(home, ["--armor", "--export"])).toString("utf8");
  return { home, publicKeyFile, armoredKeyFile, armoredKey };
}

/** Writes `output` with the text of `input` and a signature around it (InRelease). */
export async function signInline(key: SigningKey, input: string, output: string): Promise<void> {
  await rm(output, { force: true });
  await gpg(key.home, ["--digest-algo", "SHA512", "--output", output, "--clear-sign", input]);
}

/** Writes a detached signature in ASCII (Release.gpg). */
export async function signDetached(key: SigningKey, input: string, output: string): Promise<void> {
  await rm(output, { force: true });
  await gpg(key.home, ["--digest-algo", "SHA512", "--armor", "--output", output, "--detach-sign", input]);
}

// gpg starts an agent that outlives it. We end the agent after each call, so that none is left whatever
// happens to the test; starting a new one takes a few milliseconds.
async function gpg(home: string, args: readonly string[]): Promise<Buffer> {
  const env = { ...minimalEnvironment, GNUPGHOME: home };
  try {
    return await tool(["gpg", "--batch", "--yes", "--quiet", "--no-tty", ...args], { env });
  } finally {
    await endAgent(env);
  }
}

// The agent answers "OK" to the order to end and then takes its time. The next gpg that finds its socket still
// there fails: "can't connect to the agent: End of file". The socket goes last.
async function endAgent(env: Readonly<Record<string, string>>): Promise<void> {
  const listed = await tool(["gpgconf", "--list-dirs", "agent-socket"], { env });
  const socket = decodeURIComponent(listed.toString("utf8").trim());
  await tool(["gpgconf", "--kill", "gpg-agent"], { env });
  const until = performance.now() + 10_000;
  while (existsSync(socket)) await pauseUntil(until, `the agent of ${env["GNUPGHOME"]} does not end`);
}
