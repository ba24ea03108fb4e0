import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm } from "node:fs/promises";
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
  const noPassphrase = ["--pinentry-mode", "loopback", "--passphrase", ""];
  await withAgent(home, () => gpg(home, [...noPassphrase, "--quick-gen-key", name, "ed25519", "sign", "never"]));
  const publicKeyFile = join(folder, "lab-key.gpg");
  const armoredKeyFile = join(folder, "lab-key.asc");
  await gpg(home, ["--output", publicKeyFile, "--export"]);
  await gpg(home, ["--output", armoredKeyFile, "--armor", "--export"]);
  await chmod(publicKeyFile, 0o644);
  await chmod(armoredKeyFile, 0o644);
  return { home, publicKeyFile, armoredKeyFile, armoredKey: await readFile(armoredKeyFile, "utf8") };
}

/**
 * Signs a Release file: with the text in it and the signature around it (InRelease), and beside it, in ASCII (Release.gpg).
 */
export async function signRelease(key: SigningKey, release: string, inline: string, detached: string): Promise<void> {
  for (const output of [inline, detached]) await rm(output, { force: true });
  const digest = ["--digest-algo", "SHA512"];
  await withAgent(key.home, async () => {
    await gpg(key.home, [...digest, "--output", inline, "--clear-sign", release]);
    await gpg(key.home, [...digest, "--armor", "--output", detached, "--detach-sign", release]);
  });
}

async function gpg(home: string, args: readonly string[]): Promise<void> {
  await tool(["gpg", "--batch", "--yes", "--quiet", "--no-tty", ...args], { env: environmentOf(home) });
}

// Where a private key is needed gpg starts an agent that outlives it. We end it, so that none is left whatever happens to the
// test; starting a new one takes a few milliseconds.
async function withAgent(home: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await endAgent(home);
  }
}

// The agent answers "OK" to the order to end and then takes its time. The next gpg that finds its socket still
// there fails: "can't connect to the agent: End of file". The socket goes last.
async function endAgent(home: string): Promise<void> {
  const env = environmentOf(home);
  const listed = await tool(["gpgconf", "--list-dirs", "agent-socket"], { env });
  const socket = decodeURIComponent(listed.toString("utf8").trim());
  await tool(["gpgconf", "--kill", "gpg-agent"], { env });
  const until = performance.now() + 10_000;
  while (existsSync(socket)) await pauseUntil(until, `the agent of ${home} does not end`);
}

function environmentOf(home: string): Readonly<Record<string, string>> {
  return { ...minimalEnvironment, GNUPGHOME: home };
}
