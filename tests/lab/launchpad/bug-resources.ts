import { locationAnswer } from "./answer.ts";
import { attachmentEntry, bugEntry, messageEntry, taskEntry } from "./bug-entries.ts";
import {
  addTask,
  createBug,
  newMessage,
  removeAttachment,
  subscribe,
  unsubscribe,
  uploadAttachment,
} from "./bug-operations.ts";
import type { Call } from "./call.ts";
import { type Listing, scopedCollection, topCollection } from "./collection.ts";
import { activityEntry, subscriptionEntry } from "./entries.ts";
import { entryAnswer } from "./entry.ts";
import { visibleBug } from "./make-bug.ts";
import { seesPrivate } from "./oauth.ts";
import { patchBug } from "./patch-bug.ts";
import { patchTask } from "./patch-task.ts";
import type { Resource } from "./resource.ts";
import { searchTasks } from "./search-tasks.ts";
import { type Attachment, type Bug, isPrivate } from "./state.ts";

/** `/bugs` and everything below. */
export function bugResource(call: Call, parts: readonly string[]): Resource | null {
  const [id, what, which, ...rest] = parts;
  if (id === undefined) return allBugs(call);
  const bug = visibleBug(call.world, /^\d{1,9}$/.test(id) ? Number(id) : 0, seesPrivate(call.caller));
  if (bug === undefined) return null;
  if (what === undefined) return oneBug(bug);
  if (what === "+attachment") return attachmentResource(call, bug, Number(which), rest);
  if (which === undefined) return collectionOf(call, bug, what);
  if (what === "comments") return commentResource(bug, Number(which), rest);
  const subscriber = bug.subscribers.find((one) => what === "+subscription" && one.person === which);
  if (subscriber === undefined || rest.length > 0) return null;
  return { name: "subscription", get: () => entryAnswer(call, subscriptionEntry(call, bug, subscriber)) };
}

/** `ubuntu/+source/x/+bug/1` */
export function taskResource(call: Call, target: string, id: string, rest: readonly string[]): Resource | null {
  const bug = visibleBug(call.world, Number(id), seesPrivate(call.caller));
  const task = bug?.tasks.find((one) => one.target === target);
  if (bug === undefined || task === undefined) return null;
  if (rest[0] === "related_tasks") {
    const others = bug.tasks.filter((one) => one !== task);
    return listed(
      "related tasks",
      "bug_task",
      others.map((one) => () => taskEntry(call, bug, one)),
    );
  }
  if (rest.length > 0) return null;
  return {
    name: "task",
    get: () => entryAnswer(call, taskEntry(call, bug, task)),
    patch: () => patchTask(call, bug, task),
  };
}

function allBugs(call: Call): Resource {
  const visible = (bug: Bug): boolean => !isPrivate(bug) || seesPrivate(call.caller);
  const listing = (): Listing =>
    [...call.world.bugs.values()].map((bug) => () => (visible(bug) ? bugEntry(call, bug) : null));
  return {
    name: "bugs",
    get: () => topCollection(call, "bugs", listing()),
    reads: { searchTasks: () => searchTasks(call, null) },
    writes: { createBug },
  };
}

function oneBug(bug: Bug): Resource {
  return {
    name: "bug",
    get: (call) => entryAnswer(call, bugEntry(call, bug)),
    patch: (call) => patchBug(call, bug),
    writes: {
      newMessage: (call) => newMessage(call, bug),
      addAttachment: (call) => uploadAttachment(call, bug),
      subscribe: (call) => subscribe(call, bug),
      unsubscribe: (call) => unsubscribe(call, bug),
      addTask: (call) => addTask(call, bug),
    },
  };
}

function collectionOf(call: Call, bug: Bug, what: string): Resource | null {
  switch (what) {
    case "attachments":
      return listed(
        what,
        "bug_attachment",
        bug.attachments.map((one) => () => attachmentEntry(call, bug, one)),
      );
    case "messages":
      return listed(
        what,
        "message",
        bug.messages.map((one) => () => messageEntry(call, bug, one)),
      );
    case "bug_tasks":
      return listed(
        what,
        "bug_task",
        bug.tasks.map((one) => () => taskEntry(call, bug, one)),
      );
    case "subscriptions":
      return listed(
        what,
        "bug_subscription",
        bug.subscribers.map((one) => () => subscriptionEntry(call, bug, one)),
      );
    case "activity":
      return listed(
        what,
        "bug_activity",
        bug.activity.map((one, at) => () => activityEntry(call, bug, one, at)),
      );
    case "duplicates":
      return listed(what, "bug", duplicatesOf(call, bug));
    default:
      return null;
  }
}

function duplicatesOf(call: Call, bug: Bug): Listing {
  const duplicates = [...call.world.bugs.values()].filter((one) => one.duplicateOf === bug.id);
  const visible = (one: Bug): boolean => !isPrivate(one) || seesPrivate(call.caller);
  return duplicates.map((one) => () => (visible(one) ? bugEntry(call, one) : null));
}

function listed(name: string, entryType: string, listing: Listing): Resource {
  return { name, get: (call) => scopedCollection(call, entryType, listing) };
}

function attachmentResource(call: Call, bug: Bug, id: number, rest: readonly string[]): Resource | null {
  const attachment = bug.attachments.find((one) => one.id === id);
  if (attachment === undefined) return null;
  if (rest[0] === "data" && rest.length === 1) {
    return { name: "attachment data", get: () => locationAnswer(303, librarianUrl(call, bug, attachment)) };
  }
  if (rest.length > 0) return null;
  return {
    name: "attachment",
    get: () => entryAnswer(call, attachmentEntry(call, bug, attachment)),
    writes: { removeFromBug: () => removeAttachment(call, bug, attachment) },
  };
}

function librarianUrl(call: Call, bug: Bug, { id, fileName, contentType, file }: Attachment): string {
  return call.librarianUrl({ id, name: fileName, contentType, file, isRestricted: () => isPrivate(bug) });
}

function commentResource(bug: Bug, number: number, rest: readonly string[]): Resource | null {
  const message = bug.messages[number];
  if (message === undefined) return null;
  if (rest[0] === "bug_attachments") {
    const attachments = bug.attachments.filter((one) => one.message === number);
    return {
      name: "comment attachments",
      get: (call) =>
        scopedCollection(
          call,
          "bug_attachment",
          attachments.map((one) => () => attachmentEntry(call, bug, one)),
        ),
    };
  }
  if (rest.length > 0) return null;
  return { name: "comment", get: (call) => entryAnswer(call, messageEntry(call, bug, message)) };
}
