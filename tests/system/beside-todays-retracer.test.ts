import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addPackages, publish } from "../lab/archive.ts";
import { type CommandLab, createCommandLab } from "../lab/command.ts";
import { crashProgram } from "../lab/crash-program.ts";
import { createLab, type Lab } from "../lab/lab.ts";
import { type ComparableBug, comparable } from "../lab/launchpad/comparable.ts";
import type { BugSnapshot } from "../lab/launchpad/dump.ts";
import { type LaunchpadLab, startLaunchpad } from "../lab/launchpad/start-launchpad.ts";
import { type FoundOut, settleAsToday } from "../lab/launchpad/todays-retracer.ts";
import { type PackagedProgram, packageProgram } from "../lab/program.ts";
import { cutCore } from "../lab/report.ts";
import { writeReleaseFolder } from "../lab/sources.ts";
import { bugsOf, meanwhile, ofProject, secondBugs } from "./beside-todays-retracer/bugs.ts";
import type { Case, Cores } from "./beside-todays-retracer/case.ts";

const escalation = { tag: "often-reported", team: "apport-hackers" };
const team = "ubuntu-crashes-universe";

let lab: Lab;
let cores: Cores;

beforeAll(async () => {
  lab = await createLab();
  const program = (name: string, source: string, ...flags: string[]): Promise<PackagedProgram> =>
    packageProgram(
      { name, version: "1.0-1", sources: [source], flags, installedPath: join(lab.folder, "opt/lab/bin", name) },
      lab.folder,
    );
  const bare = ["-nostdlib", "-static"] as const;
  const lonely = await program("lonely", "lonely.c", ...bare);
  const lost = await program("lost", "lonely.c", ...bare, "-DLOST");
  const unknown = await program("unknown", "workers.c", "-lpthread", "-fstack-protector-all");
  await addPackages(
    lab.archive,
    [lonely, lost].flatMap((each) => [each.package, each.debugPackage]),
  );
  await publish(lab.archive);
  const sources = [{ archive: lab.archive, uri: lab.server.url }];
  await writeReleaseFolder(lab.configFolder, { release: "Ubuntu 25.10", codename: "lab", sources });
  cores = await coresOf({ workers: lab.programs.workers, lonely, lost, unknown });
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

async function coresOf(programs: Readonly<Record<Exclude<keyof Cores, "damaged">, PackagedProgram>>): Promise<Cores> {
  const path = await crashProgram(programs.workers, lab.folder);
  const damaged = await cutCore(path, 5000, join(lab.folder, "cut.core"));
  const of = async (program: PackagedProgram, core: string) => ({
    executable: program.recipe.installedPath,
    package: program.recipe.name,
    architecture: lab.architecture,
    core: await readFile(core),
  });
  return {
    workers: await of(programs.workers, path),
    damaged: await of(programs.workers, damaged),
    lonely: await of(programs.lonely, await crashProgram(programs.lonely, lab.folder)),
    lost: await of(programs.lost, await crashProgram(programs.lost, lab.folder)),
    unknown: await of(programs.unknown, await crashProgram(programs.unknown, lab.folder)),
  };
}

/** Two Launchpads with the same bugs: one for us, one for today's retracer. */
type Pair = AsyncDisposable & {
  readonly ours: LaunchpadLab;
  readonly todays: LaunchpadLab;
  readonly command: CommandLab;
  readonly target: { readonly kind: "distribution" | "project"; readonly name: string };
};

async function pairFor(target: Pair["target"]): Promise<Pair> {
  const [ours, todays] = await Promise.all([startLaunchpad(), startLaunchpad()]);
  const credentials = join(lab.folder, `credentials-${target.name}`);
  await writeFile(credentials, ours.credentials(), { mode: 0o600 });
  const tracker = { type: "launchpad", [target.kind]: target.name, api: ours.webUrl, credentials };
  const triage = { escalation_tag: escalation.tag, escalation_team: escalation.team };
  const command = await createCommandLab(lab, table("tracker", tracker) + table("triage", triage));
  const close = async (): Promise<void> => {
    await Promise.all([ours.close(), todays.close()]);
  };
  return { ours, todays, command, target, [Symbol.asyncDispose]: close };
}

function table(name: string, values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  return `[${name}]\n${lines.join("")}`;
}

/** Files the same bugs on both, with the same numbers. */
function file({ ours, todays }: Pair, cases: readonly Case[], ids: Map<string, number>): void {
  for (const { name, bug } of cases) {
    const id = ours.addBug(bug);
    expect(todays.addBug(bug)).toBe(id);
    ids.set(name, id);
  }
}

/** A batch of ours on the one, and then today's retracer on the other, which is told what there is to find out. */
async function workThrough(pair: Pair, cases: readonly Case[], ids: ReadonlyMap<string, number>): Promise<void> {
  for (const { name, justBefore } of cases) {
    if (justBefore !== undefined)
      interfere(pair, numberOf(ids, name), (lab) => justBefore(lab, (of) => numberOf(ids, of)));
  }
  const result = await pair.command.crashDigger(["run", "--format", "json"]);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  const found = cases.map((each) => foundOut(pair.ours, each, ids));
  const crashes = JSON.parse(result.stdout.toString("utf8")).crashes as readonly { id: number }[];
  for (const [at, { id, of }] of found.entries()) {
    const ours = crashes.find((crash) => crash.id === id);
    expect(ours, cases[at]?.name).toMatchObject({ verdict: cases[at]?.ourVerdict, master: of });
  }
  const bugs = found.flatMap((each, at) => [...mergeOf(each, cases[at]?.merges, ids), each]);
  const mark = `need-${lab.architecture}-retrace`;
  await settleAsToday(pair.todays, { target: pair.target, mark, team, escalation, bugs });
}

function mergeOf(found: FoundOut, loser: string | undefined, ids: ReadonlyMap<string, number>): readonly FoundOut[] {
  return loser === undefined ? [] : [{ ...found, id: numberOf(ids, loser), verdict: "merged" }];
}

/** Has a person be quicker than both retracers. */
function interfere({ ours, todays }: Pair, id: number, change: (launchpad: LaunchpadLab) => void): void {
  const fault = { kind: "meanwhile", change: () => change(ours) } as const;
  ours.fault({ route: "PATCH bug", path: new RegExp(`/bugs/${id}$`), fault });
  change(todays);
}

function foundOut(ours: LaunchpadLab, { name, found }: Case, ids: ReadonlyMap<string, number>): FoundOut {
  const { of = null, traceOf = null, ...rest } = found;
  const trace = traceOf === null ? null : traceAt(ours, numberOf(ids, traceOf));
  const known = { reason: null, useful: false, function: null };
  return { ...known, ...rest, id: numberOf(ids, name), of: of === null ? null : numberOf(ids, of), trace };
}

// The text of a trace is the same whichever program brings it to the bug.
function traceAt(ours: LaunchpadLab, id: number): Readonly<Record<string, string>> {
  const titles = ours.bug(id).attachments.map(({ title }) => title);
  const traces = titles.filter((title) => title.endsWith(".txt (retraced)"));
  return Object.fromEntries(traces.map((title) => [title.split(".")[0], ours.attachedText(id, title)]));
}

function numberOf(ids: ReadonlyMap<string, number>, name: string): number {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`no bug is called "${name}"`);
  return id;
}

/** Both leave every bug alike, but for where they differ on purpose. */
function expectSameEnds({ ours, todays }: Pair, cases: readonly Case[], ids: ReadonlyMap<string, number>): void {
  const agreed = cases.filter(({ apart }) => apart === undefined);
  const endsOn = (launchpad: LaunchpadLab): Readonly<Record<string, ComparableBug>> =>
    Object.fromEntries(agreed.map((each) => [each.name, endOf(each, launchpad.bug(numberOf(ids, each.name)))]));
  expect(endsOn(ours)).toEqual(endsOn(todays));
  for (const { name, apart } of cases) {
    if (apart === undefined) continue;
    expect(ours.bug(numberOf(ids, name))).toMatchObject(apart.ours);
    expect(todays.bug(numberOf(ids, name))).toMatchObject(apart.todays);
  }
}

function endOf({ namesAnother }: Case, bug: BugSnapshot): ComparableBug {
  const end = comparable(bug);
  return namesAnother === true ? { ...end, comments: end.comments.map((said) => said.replace(/ #\d+/g, "")) } : end;
}

test("a distribution's bugs end as today's retracer leaves them, bug by bug", async () => {
  await using pair = await pairFor({ kind: "distribution", name: "ubuntu" });
  const ids = new Map<string, number>();
  const [first, second] = [bugsOf(cores), secondBugs(cores)];
  file(pair, first, ids);
  await workThrough(pair, first, ids);
  for (const each of [pair.ours, pair.todays]) meanwhile(each, (name) => numberOf(ids, name));
  file(pair, second, ids);
  await workThrough(pair, second, ids);
  expectSameEnds(pair, [...first, ...second], ids);
  expect(pair.ours.bug(1)).toEqual(pair.todays.bug(1));
});

test("and so do a project's", async () => {
  await using pair = await pairFor({ kind: "project", name: "langpack-o-matic" });
  const ids = new Map<string, number>();
  const cases = ofProject(cores);
  file(pair, cases, ids);
  await workThrough(pair, cases, ids);
  expectSameEnds(pair, cases, ids);
});
