import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { renderCrash } from "../../../../src/cli/tracker/show-crash.ts";
import { type LocalTracker, openLocalTracker } from "../../../../src/tracker/local/local-tracker.ts";
import { writeCrash } from "../../../lab/tracker/crash-file.ts";
import { ensure, harmful } from "../reader.ts";
import { traceSamples } from "./trace-samples.ts";

/** Fills a tracker with three crashes, one of them with all that a verdict leaves behind. */
export async function makeTracker(folder: string): Promise<void> {
  const fields = { Stacktrace: traceSamples.stacktrace, Tags: "lab small" };
  const report = writeCrash(folder, "a.crash", {
    fields,
    binaries: { CoreDump: Buffer.from("core"), Extra: Buffer.from("x") },
  });
  const tracker = await openLocalTracker(join(folder, "tracker"));
  for (const _ of [1, 2, 3]) await tracker.submit(report, { hostArchitecture: "amd64" });
  await tracker.apply(2, { kind: "comment", marker: "m", subject: "s", body: "b" });
  await tracker.apply(2, { kind: "attach", name: "Trace.json", text: "[]" });
  await tracker.apply(3, { kind: "mark-duplicate", of: 1 });
  await tracker.close();
}

/** Does with a tracker all that a batch and a person do. */
export async function useTracker(folder: string): Promise<number> {
  const tracker = await openLocalTracker(join(folder, "tracker"));
  try {
    await tracker.integrityCheck();
    const ids = [...(await tracker.pending("amd64")), ...(await tracker.dupcheckOnly())];
    ensure(
      ids.every((id) => Number.isSafeInteger(id) && id > 0),
      "pending crashes are ids",
    );
    await tracker.statusOf([1, 2, 3, 4]);
    const crashes = await tracker.list({});
    for (const crash of crashes) ensure(typeof crash.title === "string", "titles are texts");
    for (const id of [1, 2, 3, 4]) await useCrash(tracker, id);
    return crashes.length;
  } finally {
    await tracker.close();
  }
}

async function useCrash(tracker: LocalTracker, id: number): Promise<void> {
  const answer = await tracker.header(id);
  if (answer.kind === "header") {
    const { title, tags, fields, attachments } = answer.header;
    ensure(
      [title, ...tags, ...fields.keys(), ...fields.values()].every((text) => typeof text === "string"),
      "a header has texts",
    );
    ensure(
      attachments.every(({ name, sizeBytes }) => typeof name === "string" && Number.isSafeInteger(sizeBytes)),
      "attachments have names and sizes",
    );
  }
  const crash = await tracker.show(id);
  const shown = crash === null ? "" : renderCrash(crash);
  ensure(!harmful.test(shown.replaceAll(/\u001b\[(?:1|22)m/g, "")), "what is shown is fit for a terminal");
  const core = await tracker.openCore(id);
  if (core !== null) await buffer(core);
  await tracker.apply(id, { kind: "comment", marker: "again", subject: "s", body: "b" });
  await tracker.apply(id, { kind: "remove-core" });
  await tracker.apply(id, { kind: "remove-pending", mark: { kind: "retrace", architecture: "amd64" } });
}
