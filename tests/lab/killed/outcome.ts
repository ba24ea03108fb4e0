import { join } from "node:path";
import { openState } from "../../../src/digger/state.ts";
import { openDuplicates } from "../../../src/duplicates/duplicates.ts";
import { openLocalTracker } from "../../../src/tracker/local/local-tracker.ts";
import type { CommandLab } from "../command.ts";

export type Outcome = { readonly crashes: readonly unknown[]; readonly duplicates: unknown; readonly state: unknown };

/** All that batches left behind, without times: equal outcomes are equal work. Checks the databases. */
export async function outcomeOf(command: CommandLab): Promise<Outcome> {
  return {
    crashes: await crashesIn(join(command.stateFolder, "tracker")),
    duplicates: await duplicatesIn(join(command.stateFolder, "duplicates.db")),
    state: await stateIn(join(command.stateFolder, "state.db")),
  };
}

async function crashesIn(trackerFolder: string): Promise<readonly unknown[]> {
  const tracker = await openLocalTracker(trackerFolder);
  try {
    const crashes: unknown[] = [];
    for (const { id } of await tracker.list({})) {
      const crash = await tracker.show(id);
      if (crash === null) throw new Error(`crash ${id} has vanished`);
      const { attachmentTexts, comments, header, ...rest } = crash;
      // The manifest says how long it took.
      const texts = [...attachmentTexts].filter(([name]) => name !== "Manifest.json");
      const attachments = header.attachments.filter(({ name }) => name !== "Manifest.json");
      const said = comments.map(({ subject, body }) => ({ subject, body }));
      crashes.push({ ...rest, header: { ...header, attachments }, texts, said });
    }
    return crashes;
  } finally {
    await tracker.close();
  }
}

async function duplicatesIn(path: string): Promise<unknown> {
  const duplicates = await openDuplicates(path, { integrityCheck: false });
  try {
    await duplicates.integrityCheck();
    const stored: unknown[] = [];
    for await (const { id } of duplicates.dump()) {
      const { lastChange: _, ...details } = (await duplicates.details(id)) ?? { lastChange: null };
      stored.push(details);
    }
    return { stored, problems: await duplicates.problems() };
  } finally {
    await duplicates.close();
  }
}

async function stateIn(path: string): Promise<unknown> {
  const state = await openState(path);
  try {
    await state.integrityCheck();
    return {
      openEdits: await state.countOpenEntries(),
      failing: await state.failingEdits(),
      aside: await state.allAside(),
      verdicts: [...(await state.countVerdicts())],
    };
  } finally {
    await state.close();
  }
}
