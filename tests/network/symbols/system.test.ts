import { realpath } from "node:fs/promises";
import { expect, test } from "vitest";
import { createArchive } from "../../../src/symbols/archive/archive.ts";
import { createSymbols } from "../../../src/symbols/symbols.ts";
import { silentLog } from "../../../src/system/log.ts";
import { moduleAt, neverAborted, openTestCache } from "../../integration/symbols/symbols-world.ts";
import { nativeArchitecture } from "../../lab/architecture.ts";
import { readBuildId } from "../../lab/build.ts";
import { temporaryFolder } from "../../lab/temporary.ts";
import { tool } from "../../lab/tool.ts";

test("this machine's libc and its debug symbols come from its own package sources", async () => {
  await using folder = await temporaryFolder("system");
  const linked = (await tool(["ldd", "/usr/bin/env"])).toString("utf8");
  const path = await realpath(/libc\.so\.6 => (\S+)/.exec(linked)?.[1] ?? "");
  const cache = await openTestCache(folder.path);
  const archive = createArchive({
    cache,
    releases: { kind: "system" },
    timeoutMs: 100_000,
    nativeArchitecture,
    log: silentLog,
  });
  const symbols = createSymbols({ cache, sources: [archive], log: silentLog });
  const hints = { release: null, architecture: await nativeArchitecture(), packages: [] };
  const [resolved] = await symbols.find([moduleAt(path, await readBuildId(path))], hints, neverAborted);
  expect(resolved?.fidelity).toMatchObject({ status: "matched", executable: { source: "archive" } });
  expect(resolved?.fidelity.debug?.package).toMatch(/^libc6-dbg=/);
});
