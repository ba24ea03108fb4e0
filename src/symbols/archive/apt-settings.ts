import { run, succeeded } from "../../system/process.ts";

/** One line of `apt-config dump`: a full name (`Acquire::http::Proxy`, or `…::` for a list entry) and its value. */
export type AptSetting = { readonly name: string; readonly value: string };

// How this machine reaches its archives: proxies, TLS, credentials, timeouts. Everything else stays behind, above
// all the hooks (APT::Update::Post-Invoke, DPkg::Pre-Invoke, …) that desktop packages put into apt.conf.d.
const transport = /^Acquire::(?:https?(?:::.*)?|[^:]+::Proxy[^:]*(?:::.*)?)$/;

// What an administrator may have relaxed for the machine's own sources: a snapshot archive whose Release file
// has expired, or a clock that is wrong. It holds for those sources only, never for a release folder.
const ownSourcesOnly =
  /^Acquire::(?:Check-Valid-Until|Check-Date|Max-FutureTime|AllowInsecureRepositories|AllowWeakRepositories)$/;

const maxSettings = 1000;

/**
 * The settings of this machine's apt that a private root takes over.
 *
 * @param forOwnSources whether the root uses the machine's own sources (`system`)
 */
export async function readMachineSettings(forOwnSources: boolean, signal: AbortSignal): Promise<readonly AptSetting[]> {
  const result = await run(["apt-config", "dump"], { deadlineMs: 30_000, maxStdoutBytes: 4 * 1024 * 1024, signal });
  // A machine whose apt configuration cannot be read says so again at the first apt-get, with its own words.
  return succeeded(result) ? pickSettings(result.stdout.toString("utf8"), forOwnSources) : [];
}

/** The lines of `apt-config dump` that may go over into a private root. */
export function pickSettings(dump: string, forOwnSources: boolean): readonly AptSetting[] {
  return dump
    .split("\n")
    .map((line) => /^([A-Za-z][\w:./+-]*) "([^"\\]*)";$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ name: match[1] ?? "", value: match[2] ?? "" }))
    .filter(({ name }) => transport.test(name) || (forOwnSources && ownSourcesOnly.test(name)))
    .slice(0, maxSettings);
}
