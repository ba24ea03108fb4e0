import { expect, test } from "vitest";
import { atMost } from "../../../src/system/at-most.ts";

test("no more than so many pieces of work go on at a time, in the order in which they came", async () => {
  const seated = atMost(2);
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const all = gates.map((gate, index) =>
    seated(async () => {
      begun.push(index);
      await gate.promise;
      return index;
    }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([0, 1]);
  gates[1]?.resolve();
  await all[1];
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([0, 1, 2]);
  for (const gate of gates) gate.resolve();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
});

test("work that throws makes room like work that ends", async () => {
  const seated = atMost(1);
  const broken = seated(() => Promise.reject(new Error("broken")));
  const next = seated(async () => "done");
  await expect(broken).rejects.toThrow("broken");
  expect(await next).toBe("done");
});
