import { z } from "zod";
import { ServiceFailure } from "../../../system/failure.ts";
import { get } from "./read.ts";
import type { Wire } from "./wire.ts";

const personSchema = z.object({ name: z.string().min(1).max(200) });

/**
 * Name of the account that our token stands for.
 *
 * @throws ServiceFailure when Launchpad does not take it.
 */
export async function whoAmI(wire: Wire): Promise<string> {
  const url = new URL("1.0/people/+me", wire.addresses.root).href;
  const person = await get(url, personSchema, wire);
  if (person !== null) return wire.words(person.name);
  throw new ServiceFailure(`${url}: Launchpad does not know whose token this is`);
}
