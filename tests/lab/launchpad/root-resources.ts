import { type ApiAnswer, jsonAnswer, locationAnswer } from "./answer.ts";
import { requiredText } from "./arguments.ts";
import type { Call } from "./call.ts";
import { type Listing, operationCollection, scopedCollection, topCollection } from "./collection.ts";
import { distributionEntry, personEntry, projectEntry } from "./entries.ts";
import { entryAnswer, linkTo } from "./entry.ts";
import { writer } from "./oauth.ts";
import type { Resource } from "./resource.ts";
import { belongsTo, type Person } from "./state.ts";
import { wadlAnswer } from "./wadl.ts";

/** The service root, and the lists of people, distributions and projects. */
export function rootResource(call: Call, parts: readonly string[]): Resource | null {
  const [first, second, ...rest] = parts;
  if (rest.length > 0) return null;
  if (first === undefined) return { name: "root", get: serviceRoot };
  if (first === "people" && second === "+me") return { name: "me", get: me };
  if (second !== undefined) return null;
  if (first === "people") return people(call);
  if (first === "distributions") {
    const listing = [...call.world.distributions.values()].map((one) => () => distributionEntry(call, one));
    return { name: first, get: () => topCollection(call, first, listing) };
  }
  const listing = [...call.world.projects.values()].map((one) => () => projectEntry(call, one));
  return { name: first, get: () => topCollection(call, first, listing) };
}

/** `/~name` and the lists below it. */
export function personResource(call: Call, name: string, rest: readonly string[]): Resource | null {
  const person = call.world.people.get(name);
  if (person === undefined || rest.length > 1) return null;
  if (rest[0] === undefined) return { name: "person", get: () => entryAnswer(call, personEntry(call, person)) };
  const listed = relatedPeople(call, person, rest[0]);
  if (listed === null) return null;
  const listing: Listing = listed.map((one) => () => personEntry(call, one));
  return { name: `person ${rest[0]}`, get: () => scopedCollection(call, "person", listing) };
}

function people(call: Call): Resource {
  const everybody = [...call.world.people.values()];
  const find = (accepts: (person: Person) => boolean) => (): ApiAnswer => {
    const text = requiredText(call, "text").toLowerCase();
    const found = everybody.filter((one) => accepts(one) && one.name.includes(text));
    return operationCollection(
      call,
      found.map((one) => () => personEntry(call, one)),
    );
  };
  return {
    name: "people",
    get: () =>
      topCollection(
        call,
        "people",
        everybody.map((one) => () => personEntry(call, one)),
      ),
    reads: {
      find: find(() => true),
      findPerson: find((one) => one.members === null),
      findTeam: find((one) => one.members !== null),
    },
  };
}

function relatedPeople(call: Call, person: Person, what: string): readonly Person[] | null {
  const everybody = [...call.world.people.values()];
  if (what === "members") return everybody.filter((one) => person.members?.includes(one.name));
  if (what === "participants") {
    return everybody.filter((one) => one !== person && belongsTo(call.world, one.name, person.name));
  }
  if (what === "super_teams")
    return everybody.filter((one) => one !== person && belongsTo(call.world, person.name, one.name));
  if (what === "sub_teams" || what === "ppas") return [];
  return null;
}

// Not an entry: launchpadlib follows it to the person.
function me(call: Call): ApiAnswer {
  const person = call.caller.person ?? writer(call.caller);
  return locationAnswer(303, linkTo(call, `~${person}`));
}

function serviceRoot(call: Call): ApiAnswer | Promise<ApiAnswer> {
  if ((call.headers.accept ?? "").includes("application/vnd.sun.wadl+xml")) return wadlAnswer(call);
  const collections = ["bugs", "distributions", "people", "projects"];
  const links = collections.map((name) => [`${name}_collection_link`, linkTo(call, name)]);
  return jsonAnswer({
    ...Object.fromEntries(links),
    me_link: linkTo(call, "people/+me"),
    resource_type_link: `${call.root}#service-root`,
  });
}
