import { createHash } from "node:crypto";
import { type ApiAnswer, Refusal } from "./answer.ts";
import { argument, booleanArgument, dateArgument, listArgument } from "./arguments.ts";
import { taskEntry } from "./bug-entries.ts";
import type { Call } from "./call.ts";
import { operationCollection } from "./collection.ts";
import { seesPrivate } from "./oauth.ts";
import { type Bug, importances, isPrivate, openStatuses, type Task, taskStatuses } from "./state.ts";
import { isWithin, type Target, targetAt } from "./targets.ts";

type Found = { readonly bug: Bug; readonly task: Task };
type Condition = (found: Found) => boolean;

/**
 * Tasks of a distribution, a project or a package (of all when there is no scope). Private ones that the
 * caller may not see are counted, and are missing among the entries.
 */
export function searchTasks(call: Call, scope: Target | null): ApiAnswer {
  const visible = (bug: Bug): boolean => !isPrivate(bug) || seesPrivate(call.caller);
  const listing = foundBefore(call, scope).map(
    ({ bug, task }) =>
      () =>
        visible(bug) ? taskEntry(call, bug, task) : null,
  );
  return operationCollection(call, listing);
}

// A search of a hundred thousand bugs, of which each page is asked for by itself.
function foundBefore(call: Call, scope: Target | null): readonly Found[] {
  const { searches } = call.world;
  const url = new URL(call.url);
  for (const name of ["ws.start", "ws.size", "ws.show"]) url.searchParams.delete(name);
  const found = searches.get(url.href) ?? find(call, scope);
  if (!call.settings.shuffleTies) searches.set(url.href, found);
  return found;
}

function find(call: Call, scope: Target | null): readonly Found[] {
  const conditions = [...conditionsOf(call), scopeCondition(call, scope)];
  const found: Found[] = [];
  for (const bug of call.world.bugs.values()) {
    for (const task of bug.tasks) if (conditions.every((holds) => holds({ bug, task }))) found.push({ bug, task });
  }
  return found.sort(comparison(call));
}

function scopeCondition(call: Call, scope: Target | null): Condition {
  if (scope === null) return () => true;
  return ofTarget(call, (target) => target !== null && isWithin(target, scope));
}

// A hundred thousand bugs have a few thousand targets.
function ofTarget(call: Call, holds: (target: Target | null) => boolean): Condition {
  const known = new Map<string, boolean>();
  return ({ task: { target } }) => {
    const answer = known.get(target) ?? holds(targetAt(call.world, target));
    known.set(target, answer);
    return answer;
  };
}

function conditionsOf(call: Call): readonly Condition[] {
  const statuses = choices(call, "status", taskStatuses) ?? openStatuses;
  const wanted = choices(call, "importance", importances);
  const modifiedSince = dateArgument(call, "modified_since");
  const createdSince = dateArgument(call, "created_since");
  const omitsDuplicates = booleanArgument(call, "omit_duplicates") ?? true;
  const omitsTargeted = booleanArgument(call, "omit_targeted") ?? call.version === "1.0";
  return [
    ({ task }) => statuses.includes(task.status),
    ({ task }) => wanted === null || wanted.includes(task.importance),
    ({ bug }) => modifiedSince === null || bug.updated > modifiedSince,
    ({ bug }) => createdSince === null || bug.created > createdSince,
    ({ bug }) => !omitsDuplicates || bug.duplicateOf === null,
    ofTarget(call, (target) => !omitsTargeted || (target?.series ?? null) === null),
    tagCondition(call),
  ];
}

// `-tag` asks for those without it, `*` for those with any tag at all.
function tagCondition(call: Call): Condition {
  const tags = listArgument(call, "tags") ?? [];
  const combinator = argument(call, "tags_combinator") ?? "Any";
  if (combinator !== "Any" && combinator !== "All") {
    throw new Refusal(400, `tags_combinator: Invalid value "${combinator}". Acceptable values are: Any, All`);
  }
  const has = (bug: Bug, tag: string): boolean => {
    if (tag === "*") return bug.tags.length > 0;
    return tag.startsWith("-") ? !bug.tags.includes(tag.slice(1)) : bug.tags.includes(tag);
  };
  if (tags.length === 0) return () => true;
  return ({ bug }) => (combinator === "Any" ? tags.some((tag) => has(bug, tag)) : tags.every((tag) => has(bug, tag)));
}

function choices(call: Call, name: string, allowed: readonly string[]): readonly string[] | null {
  const values = listArgument(call, name);
  const bad = values?.find((value) => !allowed.includes(value));
  if (bad === undefined) return values;
  throw new Refusal(400, `${name}: Invalid value "${bad}". Acceptable values are: ${allowed.join(", ")}`);
}

const orders: Readonly<Record<string, (found: Found) => number>> = {
  id: ({ bug }) => bug.id,
  importance: ({ task }) => importances.indexOf(task.importance),
  status: ({ task }) => taskStatuses.indexOf(task.status),
  datecreated: ({ bug }) => bug.created.getTime(),
  date_last_updated: ({ bug }) => bug.updated.getTime(),
};

function comparison(call: Call): (left: Found, right: Found) => number {
  const keys = (listArgument(call, "order_by") ?? ["-importance"]).map((text) => {
    const name = text.replace(/^-/, "");
    const key = orders[name];
    if (key === undefined) throw new Refusal(400, `order_by: Unrecognized order_by: ${name}`);
    return { key, sign: text.startsWith("-") ? -1 : 1 };
  });
  const salt = call.settings.shuffleTies ? call.world.now().getTime() : null;
  return (left, right) => {
    for (const { key, sign } of keys) {
      const difference = sign * (key(left) - key(right));
      if (difference !== 0) return difference;
    }
    return salt === null ? left.bug.id - right.bug.id : place(salt, left) - place(salt, right);
  };
}

function place(salt: number, { bug, task }: Found): number {
  return createHash("sha1").update(`${salt} ${bug.id} ${task.target}`).digest().readUInt32BE();
}
