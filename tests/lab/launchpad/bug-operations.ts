import { type ApiAnswer, jsonAnswer, locationAnswer, Refusal } from "./answer.ts";
import { booleanArgument, listArgument, requiredText, textArgument } from "./arguments.ts";
import { attachmentEntry, messageEntry, taskEntry } from "./bug-entries.ts";
import type { Call } from "./call.ts";
import { subscriptionEntry } from "./entries.ts";
import { linkTo, pathOfLink, represent } from "./entry.ts";
import { addAttachment, addMessage } from "./history.ts";
import { makeBug } from "./make-bug.ts";
import { writer } from "./oauth.ts";
import { informationTypes, limits } from "./patch-bug.ts";
import { type Attachment, type Bug, nextNumber } from "./state.ts";
import { storeBytes } from "./stored-file.ts";
import { tagFault } from "./tags.ts";
import { targetAt } from "./targets.ts";

export function createBug(call: Call): ApiAnswer {
  const owner = writer(call.caller);
  const target = targetAt(call.world, pathOfLink(call, requiredText(call, "target")) ?? "");
  if (target === null) throw new Refusal(400, "target: No such object.");
  const title = shorterThan("title", requiredText(call, "title"), limits.titleCharacters);
  const description = shorterThan("description", requiredText(call, "description"), limits.descriptionCharacters);
  const tags = listArgument(call, "tags") ?? [];
  const fault = tags.map(tagFault).find((one) => one !== null);
  if (fault !== undefined) throw new Refusal(400, `tags: ${fault}`);
  const informationType = typeOfNewBug(call);
  const bug = makeBug(call.world, { owner, title, description, tags, informationType, tasks: [target.path] });
  return locationAnswer(201, linkTo(call, `bugs/${bug.id}`));
}

export function newMessage(call: Call, bug: Bug): ApiAnswer {
  const owner = writer(call.caller);
  const subject = textArgument(call, "subject") ?? `Re: ${bug.title}`;
  const message = addMessage(call.world, bug, { owner, subject, content: requiredText(call, "content") });
  return locationAnswer(201, linkTo(call, messageEntry(call, bug, message).path));
}

/** Multipart: `data` is binary, everything else comes as JSON. */
export function uploadAttachment(call: Call, bug: Bug): ApiAnswer {
  const owner = writer(call.caller);
  const bytes = call.arguments.get("data");
  if (bytes === undefined) throw new Refusal(400, "data: Required input is missing.");
  const fileName = requiredText(call, "filename").replaceAll("/", "-");
  const added = addAttachment(
    call.world,
    bug,
    {
      title: textArgument(call, "description") ?? fileName,
      type: booleanArgument(call, "is_patch") === true ? "Patch" : "Unspecified",
      fileName,
      contentType: textArgument(call, "content_type") ?? guessedType(fileName),
      file: storeBytes(bytes, call.world.folder, `attachment-${nextNumber(call.world)}`),
    },
    { owner, content: textArgument(call, "comment") ?? "" },
  );
  return locationAnswer(201, linkTo(call, attachmentEntry(call, bug, added).path));
}

/** The comment that was made at the upload stays. */
export function removeAttachment(call: Call, bug: Bug, attachment: Attachment): ApiAnswer {
  writer(call.caller);
  bug.attachments.splice(bug.attachments.indexOf(attachment), 1);
  bug.updated = call.world.now();
  return jsonAnswer(null);
}

/** Subscribing somebody who is subscribed already changes nothing. */
export function subscribe(call: Call, bug: Bug): ApiAnswer {
  const by = writer(call.caller);
  const person = personArgument(call) ?? by;
  const existing = bug.subscribers.find((subscriber) => subscriber.person === person);
  const subscriber = existing ?? { person, by, date: call.world.now() };
  if (existing === undefined) bug.subscribers.push(subscriber);
  return jsonAnswer(represent(call, subscriptionEntry(call, bug, subscriber)));
}

export function unsubscribe(call: Call, bug: Bug): ApiAnswer {
  const person = personArgument(call) ?? writer(call.caller);
  const at = bug.subscribers.findIndex((subscriber) => subscriber.person === person);
  if (at >= 0) bug.subscribers.splice(at, 1);
  return jsonAnswer(null);
}

export function addTask(call: Call, bug: Bug): ApiAnswer {
  writer(call.caller);
  const target = targetAt(call.world, pathOfLink(call, requiredText(call, "target")) ?? "");
  if (target === null) throw new Refusal(400, "target: No such object.");
  if (bug.tasks.some((task) => task.target === target.path)) {
    throw new Refusal(400, `target: A fix for this bug has already been requested for ${target.displayName}`);
  }
  const now = call.world.now();
  const unset = { status: "New", importance: "Undecided", assignee: null, closed: null, fixReleased: null };
  const task = { ...unset, target: target.path, created: now };
  bug.tasks.push(task);
  bug.updated = now;
  return locationAnswer(201, linkTo(call, taskEntry(call, bug, task).path));
}

function personArgument(call: Call): string | null {
  const link = textArgument(call, "person");
  if (link === null) return null;
  const name = (pathOfLink(call, link) ?? "").replace(/^~/, "");
  if (call.world.people.has(name)) return name;
  throw new Refusal(400, `person: No such object "${link}".`);
}

function typeOfNewBug(call: Call): string {
  const type = textArgument(call, "information_type");
  if (type !== null && !informationTypes.includes(type)) {
    throw new Refusal(400, `information_type: Invalid value "${type}".`);
  }
  const visibility = booleanArgument(call, "private") === true ? "Private" : "Public";
  return type ?? (booleanArgument(call, "security_related") === true ? `${visibility} Security` : visibility);
}

function shorterThan(name: string, text: string, characters: number): string {
  if (text.trim() === "") throw new Refusal(400, `${name}: Required input is missing.`);
  if (text.length > characters) throw new Refusal(400, `${name}: Value is too long`);
  return text;
}

function guessedType(fileName: string): string {
  return fileName.endsWith(".txt") ? "text/plain" : "application/octet-stream";
}
