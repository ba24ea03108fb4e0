import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse, TomlError } from "smol-toml";
import type { z } from "zod";
import { lineOfKey } from "./locate.ts";
import { type Config, configSchema } from "./schema.ts";

/** The configuration is wrong. The message names file and line; it is meant for people. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Where the configuration is looked for when none is named: system-wide for root, XDG for others. */
export function defaultConfigPath(): string {
  if (process.getuid?.() === 0) return "/etc/crash-digger/config.toml";
  return join(xdg("XDG_CONFIG_HOME", ".config"), "config.toml");
}

/**
 * Reads and checks the configuration.
 *
 * @param path the file that was asked for; it must exist. Without one the default file is read if there is
 *   one, else every setting has its default.
 * @throws ConfigError with `FILE:LINE: key: what is wrong`, one line for each fault.
 */
export function loadConfig(path?: string): Config {
  const file = path ?? defaultConfigPath();
  if (path === undefined && !existsSync(file)) return parseConfig("", file);
  return parseConfig(readConfigFile(file), file);
}

/** Checks a configuration's text; `file` is for the messages. */
export function parseConfig(text: string, file: string): Config {
  const result = configSchema(defaultFolders()).safeParse(parseToml(text, file), { jitless: true });
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.flatMap((issue) => faultLines(issue, text, file)).join("\n"));
}

function readConfigFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigError(`${file}: the configuration cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function parseToml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw new ConfigError(`${file}:${cause.line}: not valid TOML: ${firstLine(cause.message)}`, { cause });
  }
}

function faultLines(issue: z.core.$ZodIssue, text: string, file: string): string[] {
  const at = (path: readonly PropertyKey[]): string => `${file}:${lineOfKey(text, path) ?? 1}: ${path.join(".")}`;
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `${at([...issue.path, key])}: unknown key`);
  return [`${at(issue.path)}: ${issue.message}`];
}

function defaultFolders() {
  if (process.getuid?.() === 0) {
    return { stateFolder: "/var/lib/crash-digger", cacheFolder: "/var/cache/crash-digger" };
  }
  return { stateFolder: xdg("XDG_STATE_HOME", ".local/state"), cacheFolder: xdg("XDG_CACHE_HOME", ".cache") };
}

function xdg(variable: string, below: string): string {
  const base = process.env[variable];
  return join(base?.startsWith("/") ? base : join(homedir(), below), "crash-digger");
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
