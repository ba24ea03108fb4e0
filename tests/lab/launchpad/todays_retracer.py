"""Does to bugs on a loopback Launchpad what today's retracer does once it knows a verdict, with Debian's launchpadlib.

It retraces nothing and knows no duplicate database: what it found out about each bug comes from a JSON file, whose path
and the path of an empty folder (for launchpadlib's cache) are the arguments. `todays-retracer.ts` says what is in it.
"""

import json
import re
import sys

from launchpadlib.credentials import Credentials
from launchpadlib.launchpad import Launchpad
from lazr.restfulclient.errors import BadRequest, NotFound

path, cache = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    work = json.load(file)

launchpad = Launchpad(
    Credentials.load_from_path(work["credentials"]), None, None, service_root=work["url"], cache=cache, version="1.0"
)
is_distribution = work["target"]["kind"] == "distribution"
target = (launchpad.distributions if is_distribution else launchpad.projects)[work["target"]["name"]]

CORES = ("CoreDump.gz", "CoreDump.zst")
NO_USE_IN_A_DUPLICATE = CORES + (
    "Stacktrace.txt",
    "ThreadStacktrace.txt",
    "ProcMaps.txt",
    "ProcStatus.txt",
    "Registers.txt",
    "Disassembly.txt",
)
WANTS_A_TRACE = ("apport-failed-retrace", "apport-request-retrace")
ALIVE = ("Active Development", "Current Stable Release", "Supported", "Pre-release Freeze")
TRACES = ("Stacktrace", "ThreadStacktrace", "StacktraceSource", "StacktraceTop")


def settle(found):
    """One bug, from its verdict to the end."""
    number, verdict = found["id"], found["verdict"]
    if verdict == "not-ours":
        return
    if verdict == "merged":
        close_as_duplicate(number, found["of"], found)
        return
    if verdict == "invalid":
        close_as_invalid(number, found["reason"])
    elif verdict != "no-release":
        was_compared(number)
        if verdict == "duplicate":
            close_as_duplicate(number, found["of"], found)
        else:
            if verdict == "regression":
                tell_of_regression(number, found["of"])
            bring_trace(number, found)
    change_tags(number, remove=[work["mark"]])


def was_compared(number):
    """What becomes of every bug that was compared with the known ones."""
    field = fields_of(number)
    move_to_package(number, field.get("SourcePackage"))
    change_tags(number, remove=["need-duplicate-check"])
    if "Traceback" in field:
        judge(number)
    if field.get("DistroRelease", "").startswith("Ubuntu"):
        launchpad.bugs[number].subscribe(person=launchpad.people[work["team"]])


def bring_trace(number, found):
    """Attaches the trace of a retrace; one that is of use makes the core needless."""
    if found["trace"] is None:
        return
    attach(number, found["trace"])
    move_to_package(number, fields_of(number).get("SourcePackage"))
    if not found["useful"]:
        change_tags(number, add=["apport-failed-retrace"])
        return
    remove_attachments(number, CORES)
    judge(number)
    bug = launchpad.bugs[number]
    better = re.sub(r"( crashed with SIG\w+ in ).*\(\)", lambda old: old[1] + found["function"] + "()", bug.title)
    if better != bug.title:
        bug.title = better
        bug.lp_save()
    change_tags(number, remove=WANTS_A_TRACE)


def close_as_invalid(number, reason):
    """The report is of no use, now or ever."""
    for task in tasks_of(number):
        task.status = "Invalid"
        task.lp_save()
        break
    say(number, "Crash report cannot be processed", "This report cannot be processed: " + reason)
    remove_attachments(number, CORES)


def tell_of_regression(number, master):
    """The same crash was fixed before."""
    say(number, "Possible regression detected", "This is like #%d, which was fixed." % master)
    change_tags(number, add=["regression-retracer"])


def close_as_duplicate(number, master_number, found):
    """Strips the bug, makes it public and a duplicate, and looks what that means for its master."""
    master = launchpad.bugs[master_number]
    if master.duplicate_of is not None:
        master = master.duplicate_of
    if master.id == number:
        print("bug %d would be a duplicate of itself" % number, file=sys.stderr)
        return
    remove_attachments(number, NO_USE_IN_A_DUPLICATE)
    say(number, "This bug is a duplicate", "Thank you. This is known as #%d already." % master.id)
    bug = launchpad.bugs[number]
    bug.private = False
    bug.lp_save()
    bug = launchpad.bugs[number]
    bug.duplicate_of = launchpad.bugs[master.id]
    bug.lp_save()
    tell_master(master.id, bug, found)


def tell_master(number, duplicate, found):
    """Escalation at the tenth, a trace where one is wanted, and the tags that concern both."""
    escalation = work["escalation"]
    others = [one.id for one in launchpad.bugs[number].duplicates if one.id != duplicate.id]
    if escalation is not None and len(others) + 1 == 10:
        change_tags(number, add=[escalation["tag"]])
        launchpad.bugs[number].subscribe(person=launchpad.people[escalation["team"]])
    if found["useful"] and any(tag in launchpad.bugs[number].tags for tag in WANTS_A_TRACE):
        attach(number, found["trace"])
        change_tags(number, remove=WANTS_A_TRACE)
    adopted = ["bugpattern-needed"]
    if is_distribution:
        adopted += [series.name for series in target.series if series.status in ALIVE]
    change_tags(number, add=[tag for tag in duplicate.tags if tag in adopted])


def attach(number, trace):
    """Each trace as an attachment, with a title that tells it from the reporter's own."""
    for name in TRACES:
        if name not in trace:
            continue
        launchpad.bugs[number].addAttachment(
            comment="",
            description=name + ".txt (retraced)",
            content_type=None,
            data=trace[name].encode("utf-8"),
            filename=name + ".txt",
            is_patch=False,
        )


def move_to_package(number, package):
    """A task on the bare distribution moves, unless the package has one already."""
    if not is_distribution or not package:
        return
    for task in launchpad.bugs[number].bug_tasks:
        if task.target_link != target.self_link:
            continue
        task.target = target.getSourcePackage(name=package)
        try:
            task.lp_save()
        except BadRequest:
            pass


def judge(number):
    """Medium, where nobody has judged."""
    for task in tasks_of(number):
        if task.importance == "Undecided":
            task.importance = "Medium"
            task.lp_save()


def tasks_of(number):
    """The bug's tasks on the target or its packages."""
    return [task for task in launchpad.bugs[number].bug_tasks if is_ours(task.target_link)]


def is_ours(link):
    return link == target.self_link or link.startswith(target.self_link + "/+source/")


def remove_attachments(number, titles):
    for attachment in launchpad.bugs[number].attachments:
        if attachment.title not in titles:
            continue
        try:
            attachment.removeFromBug()
        except NotFound:
            # It is removed; launchpadlib asks for it once more, and then it is no more.
            pass


def change_tags(number, add=(), remove=()):
    bug = launchpad.bugs[number]
    wanted = [tag for tag in bug.tags if tag not in remove]
    wanted += [tag for tag in add if tag not in wanted]
    if wanted != bug.tags:
        bug.tags = wanted
        bug.lp_save()


def say(number, subject, content):
    launchpad.bugs[number].newMessage(subject=subject, content=content)


def fields_of(number):
    """The report's fields: those on a line of the description, and the names of longer and attached ones."""
    bug = launchpad.bugs[number]
    found = dict(re.findall(r"^(\w+):[ \t]*(.*)$", bug.description, re.MULTILINE))
    for attachment in bug.attachments:
        found.setdefault(attachment.title.split(".")[0], "")
    return found


for each in work["bugs"]:
    settle(each)
