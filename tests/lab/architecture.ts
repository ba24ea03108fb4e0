import { tool } from "./tool.ts";

/** This machine's Debian architecture, e.g. `amd64`: what the lab's own programs are compiled for. */
export async function nativeArchitecture(): Promise<string> {
  return (await tool(["dpkg", "--print-architecture"])).toString("utf8").trim();
}
