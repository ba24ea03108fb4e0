import { type ApiAnswer, notFound, textAnswer } from "./answer.ts";
import type { PageCall } from "./page-call.ts";
import { type Bug, isPrivate, openStatuses, type Task, type World } from "./state.ts";
import { isWithin, targetAt } from "./targets.ts";

const plainText = "text/plain;charset=utf-8";

/** `/bugs/1/+text`: a bug as a text, as people's scripts read it. Only public bugs: nobody is logged in here. */
export function bugText({ service: { world, web } }: PageCall, id: number): ApiAnswer {
  const bug = world.bugs.get(id);
  if (bug === undefined || isPrivate(bug)) throw notFound();
  const text = [
    bugHead(world, web, bug),
    ...bug.tasks.map((task) => taskPart(world, bug, task)),
    messagesPart(world, bug),
  ];
  return textAnswer(200, text.join("\n"), plainText);
}

/**
 * `/ubuntu/+bugs-text?field.tag=apport-crash`: the numbers of all bugs that a search finds, one a line, the
 * highest first. Only public ones; open ones and no duplicates unless `field.status:list` says otherwise.
 */
export function bugsText({ service: { world }, url }: PageCall, pillar: string): ApiAnswer {
  const scope = targetAt(world, pillar);
  if (scope === null) throw notFound();
  const tags = url.searchParams.getAll("field.tag").flatMap((text) => text.split(/\s+/).filter((tag) => tag !== ""));
  const wanted = url.searchParams.getAll("field.status:list");
  const statuses = wanted.length > 0 ? wanted : openStatuses;
  const isFound = (bug: Bug): boolean =>
    !isPrivate(bug) &&
    bug.duplicateOf === null &&
    (tags.length === 0 || tags.some((tag) => bug.tags.includes(tag))) &&
    bug.tasks.some((task) => {
      const target = targetAt(world, task.target);
      return target !== null && isWithin(target, scope) && statuses.includes(task.status);
    });
  const ids = [...world.bugs.values()].filter(isFound).map(({ id }) => id);
  return textAnswer(
    200,
    ids
      .sort((left, right) => right - left)
      .map((id) => `${id}\n`)
      .join(""),
    plainText,
  );
}

function bugHead(world: World, web: string, bug: Bug): string {
  const duplicates = [...world.bugs.values()].filter((one) => one.duplicateOf === bug.id).map(({ id }) => id);
  const attachments = bug.attachments.map(
    ({ id, fileName, contentType }) => `\n ${web}bugs/${bug.id}/+attachment/${id}/+files/${fileName}, ${contentType}`,
  );
  return `bug: ${bug.id}
title: ${bug.title}
date-reported: ${bug.created.toUTCString()}
date-updated: ${bug.updated.toUTCString()}
reporter: ${fullName(world, bug.owner)}
duplicate-of: ${bug.duplicateOf ?? ""}
duplicates: ${duplicates.join(" ")}
attachments: ${attachments.join("")}
patches: 
tags: ${bug.tags.join(" ")}
subscribers: ${bug.subscribers.map(({ person }) => `\n ${fullName(world, person)}`).join("")}
`;
}

function taskPart(world: World, bug: Bug, task: Task): string {
  return `task: ${targetAt(world, task.target)?.name}
status: ${task.status}
date-created: ${task.created.toUTCString()}
reporter: ${fullName(world, bug.owner)}
importance: ${task.importance}
component: 
milestone: 
assignee: ${task.assignee === null ? "" : fullName(world, task.assignee)}
`;
}

function messagesPart(world: World, bug: Bug): string {
  const boundary = `launchpad-bug-${bug.id}`;
  const parts = bug.messages.map(
    ({ owner, created, content }) =>
      `--${boundary}
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit
Author: ${fullName(world, owner)}
Date: ${created.toUTCString()}

${content}
`,
  );
  return `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n${parts.join("")}--${boundary}--\n`;
}

function fullName(world: World, name: string): string {
  return `${world.people.get(name)?.displayName ?? name} (${name})`;
}
