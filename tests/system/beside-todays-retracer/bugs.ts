import type { LaunchpadLab } from "../../lab/launchpad/start-launchpad.ts";
import type { Case, Cores } from "./case.ts";
import { addresses, attachedBy, ofNoRelease, ofReporter, python, withCore } from "./reports.ts";

/** The bugs of a distribution that a first batch finds. */
export function bugsOf({ workers, lonely, lost, unknown, damaged }: Cores): readonly Case[] {
  const useful = { useful: true, traceOf: "new", function: "count_pages" };
  return [
    {
      name: "new",
      bug: withCore(
        workers,
        { StacktraceAddressSignature: addresses(workers) },
        { tags: ["need-duplicate-check", "jammy"] },
      ),
      ourVerdict: "new",
      found: { verdict: "new", ...useful },
    },
    {
      name: "duplicate with traces of the reporter's machine, tags, and a task on its package beside the bare one",
      bug: attachedBy(
        { ...ofReporter, Stacktrace: "#0 0x1\n", ThreadStacktrace: "#0 0x1\n", Other: "stays\n" },
        withCore(
          workers,
          {},
          { tags: ["bugpattern-needed", "noble", "bionic"], tasks: ["ubuntu", "ubuntu/+source/workers"] },
        ),
      ),
      ourVerdict: "duplicate",
      found: { verdict: "duplicate", of: "new", ...useful },
    },
    {
      name: "new, with a useless trace",
      bug: withCore(lost, { DuplicateSignature: "as the hook says" }, { tags: ["kde"] }),
      ourVerdict: "new",
      found: { verdict: "new", traceOf: "new, with a useless trace" },
    },
    {
      name: "duplicate with a useful trace of one whose retrace failed",
      bug: withCore(workers, { DuplicateSignature: "as the hook says" }, { private: false }),
      ourVerdict: "duplicate",
      found: { verdict: "duplicate", of: "new, with a useless trace", ...useful },
    },
    {
      name: "unsigned, with a title of a person's own words",
      bug: withCore(lonely, {}, { title: "It broke again", tasks: [{ target: "ubuntu", importance: "High" }] }),
      ourVerdict: "unsigned",
      found: {
        verdict: "unsigned",
        traceOf: "unsigned, with a title of a person's own words",
        useful: true,
        function: "_start",
      },
    },
    {
      name: "damaged, with a task of somebody else before",
      bug: withCore(damaged, {}, { tasks: ["coreutils", "ubuntu/+source/workers"] }),
      ourVerdict: "invalid",
      found: { verdict: "invalid", reason: "it is cut off" },
    },
    {
      name: "of no release",
      bug: ofNoRelease(withCore(workers)),
      ourVerdict: "no-release",
      found: { verdict: "no-release" },
    },
    {
      name: "of a release that is not ours",
      bug: withCore(workers, { DistroRelease: "Ubuntu 99.04" }),
      ourVerdict: "not-ours",
      found: { verdict: "not-ours" },
    },
    {
      name: "of a program that no archive has (any more)",
      bug: withCore(unknown),
      ourVerdict: "unsigned",
      found: { verdict: "invalid", reason: "its packages are outdated" },
      // It waits for its symbols, with a poor trace until then. Today's closes what it cannot tell from others.
      apart: {
        ours: {
          tags: ["apport-crash", "apport-failed-retrace", `need-${unknown.architecture}-retrace`],
          tasks: [{ target: "ubuntu/+source/unknown", status: "New", importance: "Undecided" }],
          subscribers: ["somebody", "ubuntu-crashes-universe"],
        },
        todays: {
          tags: ["apport-crash"],
          tasks: [{ target: "ubuntu", status: "Invalid", importance: "Undecided" }],
          subscribers: ["somebody"],
        },
      },
    },
    ...pythonBugs(),
  ];
}

const ofAddresses = { StacktraceAddressSignature: "/usr/bin/tool:11:/a+4:/b+5:/c+6" };

function pythonBugs(): readonly Case[] {
  const asDuplicate = { ourVerdict: "duplicate", found: { verdict: "duplicate", of: "Python" } } as const;
  return [
    { name: "Python", bug: python("KeyError"), ourVerdict: "new", found: { verdict: "new" } },
    {
      name: "Python, judged already, of another distribution's release",
      bug: python(
        "OSError",
        { DistroRelease: "Debian 13" },
        { tasks: [{ target: "ubuntu/+source/tool", importance: "Low" }] },
      ),
      ourVerdict: "new",
      found: { verdict: "new" },
    },
    { name: "Python, soon fixed", bug: python("TypeError"), ourVerdict: "new", found: { verdict: "new" } },
    { name: "Python, soon a duplicate", bug: python("NameError"), ourVerdict: "new", found: { verdict: "new" } },
    {
      name: "Python, with addresses",
      bug: python("EOFError", ofAddresses),
      ourVerdict: "new",
      found: { verdict: "new" },
    },
    {
      name: "Python, soon the same as an older one",
      bug: python("IOError", {}, { tags: ["bugpattern-needed"] }),
      ourVerdict: "new",
      found: { verdict: "new" },
    },
    { name: "Python, later a duplicate", bug: python("IndexError"), ourVerdict: "new", found: { verdict: "new" } },
    ...Array.from({ length: 11 }, (_, at) => ({
      name: `Python again, ${at + 1}`,
      bug: python("KeyError", {}, { private: at % 2 === 0 }),
      ...asDuplicate,
    })),
  ];
}

/** What people do between two batches. */
export function meanwhile(launchpad: LaunchpadLab, numberOf: (name: string) => number): void {
  launchpad.publish({ series: "questing", source: "tool", version: "1.5-1" });
  launchpad.edit(numberOf("Python, soon fixed"), (bug) => {
    for (const task of bug.tasks) task.status = "Fix Released";
  });
  launchpad.edit(numberOf("Python, soon a duplicate"), (bug) => {
    bug.duplicateOf = numberOf("Python");
  });
  launchpad.edit(numberOf("new"), (bug) => {
    bug.tags = [...bug.tags, "apport-request-retrace"].sort();
  });
}

/** The bugs that the second batch finds. */
export function secondBugs({ workers }: Cores): readonly Case[] {
  const known = { StacktraceAddressSignature: addresses(workers) };
  const useful = { useful: true, traceOf: "new", function: "count_pages" };
  return [
    {
      name: "regression of a fixed one",
      bug: python("TypeError", { Package: "tool 2.0-1" }),
      ourVerdict: "regression",
      found: { verdict: "regression", of: "Python, soon fixed" },
    },
    {
      name: "like one known crash by its signature, and like another by its addresses",
      bug: python("IOError", ofAddresses),
      ourVerdict: "duplicate",
      found: { verdict: "duplicate", of: "Python, with addresses" },
      merges: "Python, soon the same as an older one",
    },
    {
      name: "like one that has become a duplicate",
      bug: python("NameError"),
      ourVerdict: "new",
      found: { verdict: "new" },
    },
    {
      name: "like one that becomes a duplicate in this very moment",
      bug: python("IndexError"),
      ourVerdict: "duplicate",
      found: { verdict: "duplicate", of: "Python, later a duplicate" },
      // It is made a duplicate of the master's own master, but our comment was planned before, and names the master.
      namesAnother: true,
      justBefore: (launchpad, numberOf) =>
        launchpad.edit(numberOf("Python, later a duplicate"), (bug) => {
          bug.duplicateOf = numberOf("Python");
        }),
    },
    {
      name: "known by its addresses, while its master wants a better trace",
      bug: withCore(workers, known),
      ourVerdict: "duplicate",
      found: { verdict: "duplicate", of: "new", ...useful },
    },
    {
      name: "known by its addresses",
      bug: withCore(workers, known, { private: false }),
      ourVerdict: "duplicate",
      found: { verdict: "duplicate", of: "new" },
    },
  ];
}

/** The bugs of a project. */
export function ofProject({ workers, damaged }: Cores): readonly Case[] {
  const tasks = ["langpack-o-matic"];
  return [
    {
      name: "new",
      bug: withCore(workers, {}, { tasks: ["coreutils", ...tasks] }),
      ourVerdict: "new",
      found: { verdict: "new", traceOf: "new", useful: true, function: "count_pages" },
    },
    {
      name: "damaged",
      bug: withCore(damaged, {}, { tasks }),
      ourVerdict: "invalid",
      found: { verdict: "invalid", reason: "it is cut off" },
    },
    { name: "Python", bug: python("KeyError", {}, { tasks }), ourVerdict: "new", found: { verdict: "new" } },
    {
      name: "Python again",
      bug: python("KeyError", {}, { tasks, tags: ["bugpattern-needed"] }),
      ourVerdict: "duplicate",
      found: { verdict: "duplicate", of: "Python" },
    },
  ];
}
