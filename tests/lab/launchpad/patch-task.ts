import { type ApiAnswer, Refusal } from "./answer.ts";
import { taskEntry } from "./bug-entries.ts";
import type { Call } from "./call.ts";
import { pathOfLink } from "./entry.ts";
import { record } from "./history.ts";
import { writer } from "./oauth.ts";
import { type Changes, patchEntry } from "./patch.ts";
import { type Bug, belongsTo, importances, openStatuses, type Task, taskStatuses } from "./state.ts";
import { type Target, targetAt } from "./targets.ts";

const supervisorsStatuses = ["Triaged", "Won't Fix", "Expired"];

export function patchTask(call: Call, bug: Bug, task: Task): ApiAnswer {
  writer(call.caller);
  return patchEntry(
    call,
    () => taskEntry(call, bug, task),
    (changes) => [...changes].flatMap(([name, value]) => faultOf(call, bug, task, name, value) ?? []),
    (changes) => {
      requireSupervisor(call, task, changes);
      for (const [name, value] of changes) apply(call, bug, task, name, value);
    },
  );
}

/** Sets a status, with the dates that go with it. */
export function setStatus(task: Task, status: string, now: Date): void {
  task.status = status;
  task.closed = openStatuses.includes(status) ? null : now;
  task.fixReleased = status === "Fix Released" ? now : null;
}

function faultOf(call: Call, bug: Bug, task: Task, name: string, value: unknown): string | null {
  if (name === "status") return choiceFault(name, value, taskStatuses);
  if (name === "importance") return choiceFault(name, value, importances);
  if (name === "target_link") return targetFault(call, bug, task, linkedTarget(call, value));
  if (name === "assignee_link" && value !== null) {
    const person = pathOfLink(call, String(value))?.replace(/^~/, "") ?? "";
    return call.world.people.has(person) ? null : `${name}: No such object "${value}".`;
  }
  return name === "milestone_link" && value !== null ? `${name}: No such object "${value}".` : null;
}

function choiceFault(name: string, value: unknown, choices: readonly string[]): string | null {
  if (choices.includes(String(value))) return null;
  return `${name}: Invalid value "${value}". Acceptable values are: ${choices.join(", ")}`;
}

function targetFault(call: Call, bug: Bug, task: Task, target: Target | null): string | null {
  if (target === null) return "target_link: No such object.";
  if (target.path === task.target) return null;
  if (bug.tasks.some((other) => other.target === target.path)) {
    return `target_link: A fix for this bug has already been requested for ${target.displayName}`;
  }
  const isSamePillar = targetAt(call.world, task.target)?.pillar === target.pillar;
  if (isSamePillar || target.series === null) return null;
  return "target_link: Series tasks may only be created by approving nominations.";
}

// Anybody may say that a bug is confirmed or fixed; to judge it is for those who triage.
function requireSupervisor(call: Call, task: Task, changes: Changes): void {
  const isJudging =
    supervisorsStatuses.includes(String(changes.get("status"))) ||
    (changes.has("importance") && changes.get("importance") !== task.importance);
  const team = targetAt(call.world, task.target)?.pillar.bugSupervisor ?? "";
  if (!isJudging || belongsTo(call.world, writer(call.caller), team)) return;
  throw new Refusal(401, "Only Bug Supervisors may change status to this value, or the importance.");
}

function apply(call: Call, bug: Bug, task: Task, name: string, value: unknown): void {
  const where = targetAt(call.world, task.target)?.name ?? "";
  if (name === "status") {
    record(call, bug, `${where}: status`, task.status, String(value));
    if (task.status !== value) setStatus(task, String(value), bug.updated);
  }
  if (name === "importance") {
    record(call, bug, `${where}: importance`, task.importance, String(value));
    task.importance = String(value);
  }
  if (name === "assignee_link") {
    const assignee = value === null ? null : (pathOfLink(call, String(value))?.replace(/^~/, "") ?? null);
    record(call, bug, `${where}: assignee`, task.assignee, assignee);
    task.assignee = assignee;
  }
  if (name === "target_link") moveTask(call, bug, task, linkedTarget(call, value));
}

function moveTask(call: Call, bug: Bug, task: Task, target: Target | null): void {
  if (target === null) return;
  record(call, bug, "affects", task.target, target.path);
  task.target = target.path;
}

function linkedTarget(call: Call, value: unknown): Target | null {
  const path = typeof value === "string" ? pathOfLink(call, value) : null;
  return path === null ? null : targetAt(call.world, path);
}
