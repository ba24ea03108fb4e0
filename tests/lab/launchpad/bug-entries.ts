import type { Call } from "./call.ts";
import { type Entry, linkTo } from "./entry.ts";
import { type Attachment, type Bug, isPrivate, type Message, type Task } from "./state.ts";
import { targetAt } from "./targets.ts";

const bugCollections = {
  activity: "activity",
  attachments: "attachments",
  bug_tasks: "bug_tasks",
  bug_watches: "bug_watches",
  cves: "cves",
  duplicates: "duplicates",
  linked_branches: "linked_branches",
  messages: "messages",
  subscriptions: "subscriptions",
  users_affected: "users_affected",
  users_affected_with_dupes: "users_affected_with_dupes",
  users_unaffected: "users_unaffected",
};

export function bugEntry(call: Call, bug: Bug): Entry {
  const path = `bugs/${bug.id}`;
  const collections = Object.entries(bugCollections).map(([name, at]) => [
    `${name}_collection_link`,
    linkTo(call, `${path}/${at}`),
  ]);
  return {
    type: "bug",
    path,
    webPath: path,
    fixed: {
      ...Object.fromEntries(collections),
      ...countsOf(call, bug),
      id: bug.id,
      name: null,
      owner_link: linkTo(call, `~${bug.owner}`),
      date_created: dateText(bug.created),
      date_last_updated: dateText(bug.updated),
      date_last_message: dateText(bug.messages.at(-1)?.created ?? null),
      date_made_private: null,
      who_made_private_link: null,
      can_expire: false,
      heat: 6,
      latest_patch_uploaded: null,
    },
    writable: {
      title: bug.title,
      description: bug.description,
      tags: bug.tags,
      private: isPrivate(bug),
      security_related: /Security$/.test(bug.informationType),
      information_type: bug.informationType,
      duplicate_of_link: bug.duplicateOf === null ? null : linkTo(call, `bugs/${bug.duplicateOf}`),
    },
  };
}

export function taskEntry(call: Call, bug: Bug, task: Task): Entry {
  const target = targetAt(call.world, task.target);
  const path = taskPath(bug, task);
  return {
    type: "bug_task",
    path,
    webPath: path,
    fixed: {
      bug_link: linkTo(call, `bugs/${bug.id}`),
      bug_target_display_name: target?.displayName,
      bug_target_name: target?.name,
      bug_watch_link: null,
      title: `Bug #${bug.id} in ${target?.displayName}: "${bug.title}"`,
      owner_link: linkTo(call, `~${bug.owner}`),
      is_complete: task.closed !== null,
      related_tasks_collection_link: linkTo(call, `${path}/related_tasks`),
      date_created: dateText(task.created),
      date_closed: dateText(task.closed),
      date_fix_released: dateText(task.fixReleased),
      ...Object.fromEntries(datesNotKept.map((name) => [name, null])),
    },
    writable: {
      status: task.status,
      importance: task.importance,
      target_link: linkTo(call, task.target),
      assignee_link: task.assignee === null ? null : linkTo(call, `~${task.assignee}`),
      milestone_link: null,
    },
  };
}

export function attachmentEntry(call: Call, bug: Bug, attachment: Attachment): Entry {
  const path = `bugs/${bug.id}/+attachment/${attachment.id}`;
  return {
    type: "bug_attachment",
    path,
    webPath: path,
    fixed: {
      bug_link: linkTo(call, `bugs/${bug.id}`),
      message_link: linkTo(call, `bugs/${bug.id}/comments/${attachment.message}`),
      data_link: linkTo(call, `${path}/data`),
      url: linkTo(call, `${path}/+files/${attachment.fileName}`),
    },
    writable: { title: attachment.title, type: attachment.type },
  };
}

export function messageEntry(call: Call, bug: Bug, message: Message): Entry {
  const path = `bugs/${bug.id}/comments/${message.number}`;
  return {
    type: "message",
    path,
    webPath: path,
    fixed: {
      owner_link: linkTo(call, `~${message.owner}`),
      subject: message.subject,
      content: message.content,
      date_created: dateText(message.created),
      date_deleted: null,
      date_last_edited: null,
      parent_link: null,
      bug_attachments_collection_link: linkTo(call, `${path}/bug_attachments`),
    },
    writable: {},
  };
}

/** `ubuntu/+source/coreutils/+bug/1` */
export function taskPath(bug: Bug, task: Task): string {
  return `${task.target}/+bug/${bug.id}`;
}

/** As Launchpad writes a time: with microseconds and the zone. */
export function dateText(date: Date | null): string | null {
  return date === null ? null : date.toISOString().replace("Z", "000+00:00");
}

const datesNotKept = [
  "date_assigned",
  "date_confirmed",
  "date_fix_committed",
  "date_in_progress",
  "date_incomplete",
  "date_left_closed",
  "date_left_new",
  "date_triaged",
];

function countsOf(call: Call, bug: Bug): Readonly<Record<string, number>> {
  let duplicates = 0;
  for (const other of call.world.bugs.values()) if (other.duplicateOf === bug.id) duplicates += 1;
  return {
    message_count: bug.messages.length,
    number_of_duplicates: duplicates,
    other_users_affected_count_with_dupes: 0,
    users_affected_count: 1,
    users_affected_count_with_dupes: 1,
    users_unaffected_count: 0,
  };
}
