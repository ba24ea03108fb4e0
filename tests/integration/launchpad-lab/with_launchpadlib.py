"""Works on a loopback Launchpad with Debian's launchpadlib, and says as JSON what it saw.

Arguments: the server's address, and an empty folder for launchpadlib's cache.
"""

import json
import sys
import urllib.parse
import urllib.request

from launchpadlib.credentials import Credentials
from launchpadlib.launchpad import Launchpad
from lazr.restfulclient.errors import BadRequest, NotFound, PreconditionFailed

web, cache = sys.argv[1:]
seen = {}


def log_in():
    """The three steps of a login; the page's button is pressed by hand."""
    credentials = Credentials("with-launchpadlib")
    page = credentials.get_request_token(web_root=web)
    token = urllib.parse.parse_qs(urllib.parse.urlparse(page).query)["oauth_token"][0]
    answer = {"oauth_token": token, "allow_permission": "WRITE_PRIVATE"}
    urllib.request.urlopen(web + "+authorize-token", urllib.parse.urlencode(answer).encode()).read()
    credentials.exchange_request_token_for_access_token(web)
    return credentials


def connect(credentials, folder, version="1.0"):
    """A connection with a cache of its own, so that it has seen nothing yet."""
    return Launchpad(credentials, None, None, service_root=web, cache=cache + "/" + folder, version=version)


def refused(call, error):
    """Whether a call ends in this error."""
    try:
        call()
    except error:
        return True
    return False


credentials = log_in()
launchpad = connect(credentials, "one")
ubuntu = launchpad.distributions["ubuntu"]
seen["me"] = launchpad.me.name
seen["current"] = ubuntu.current_series.name
seen["series"] = [series.name for series in ubuntu.series]
seen["projects"] = {name: [one.name for one in launchpad.projects[name].series] for name in ("coreutils", "langpack-o-matic")}
seen["team"] = [launchpad.people["apport-hackers"].is_team, launchpad.me.is_team]

# Make, read, write.
bug = launchpad.bugs.createBug(title="sleep crashed", description="It crashed.", target=ubuntu, tags=["need-amd64-retrace"], private=True)
seen["made"] = [bug.title, bug.private, bug.owner.name, bug.tags]
bug.tags = bug.tags + ["123", "apport-crash"]
bug.title = "sleep crashed with SIGSEGV in nanosleep()"
bug.lp_save()
seen["saved"] = [bug.title, bug.tags]
bug.newMessage(subject="A subject", content="A comment")
seen["messages"] = [(message.subject, message.content) for message in bug.messages]

# Attach, download, remove.
core = b"\x1f\x8b\r\n\0\xff core"
bug.addAttachment(comment="", description="CoreDump.gz", filename="CoreDump.gz", data=core, content_type=None, is_patch=False)
attachment = list(bug.attachments)[0]
with_core = attachment.data.open()
seen["attachment"] = [attachment.title, with_core.filename, with_core.read() == core]
# It is removed; launchpadlib then asks for what is no more.
seen["removed"] = [refused(attachment.removeFromBug, NotFound), len(list(bug.attachments))]

# Search and page; a task that moves.
found = ubuntu.searchTasks(tags=["need-amd64-retrace"], created_since="2011-08-01")
seen["found"] = [task.bug.id == bug.id for task in found]
coreutils = ubuntu.getSourcePackage(name="coreutils")
seen["pages"] = [task.bug.id for task in coreutils.searchTasks(order_by=["id"])]
task = found[0]
task.importance = "Medium"
task.status = "Triaged"
task.lp_save()
task.target = ubuntu.getSourcePackage(name="bash")
task.lp_save()
seen["task"] = [task.bug_target_name, task.importance, task.status]

# Subscribe, mark a duplicate, and what is refused.
bug.subscribe(person=launchpad.people["ubuntu-crashes-universe"])
seen["subscribers"] = [subscription.person.name for subscription in bug.subscriptions]
master = launchpad.bugs[10070]
bug.duplicate_of = master
bug.private = False
bug.lp_save()
seen["duplicate"] = [bug.duplicate_of.id, bug.information_type, [one.id == bug.id for one in master.duplicates]]
master.duplicate_of = master
seen["own duplicate refused"] = refused(master.lp_save, BadRequest)
seen["missing"] = refused(lambda: launchpad.bugs[4711], KeyError)

# Two people at the same bug.
mine, theirs = launchpad.bugs[10071], connect(credentials, "two").bugs[10071]
mine.title, theirs.title = "Mine", "Theirs"
mine.lp_save()
seen["second one refused"] = refused(theirs.lp_save, PreconditionFailed)

# Published versions; the version of the service that does not count.
archive = ubuntu.main_archive
published = archive.getPublishedSources(exact_match=True, source_name="bash", distro_series=ubuntu.current_series)
seen["published"] = [source.source_package_version for source in published]
devel = connect(credentials, "devel", "devel").distributions["ubuntu"].searchTasks(order_by=["id"], tags=["apport-crash"], omit_duplicates=False)
seen["devel"] = [len(devel), [task.bug.id == bug.id for task in devel]]

print(json.dumps(seen))
