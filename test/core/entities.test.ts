import fc from "fast-check";
import { expect, test } from "vitest";
import { entityOf, type JsonObject } from "../../gateway/core/joined.ts";

test("an object's entity is found in turn, out of turn and among objects that have none", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), fc.array(fc.nat({ max: 40 })), (isFound, reads) => {
      const objects: readonly JsonObject[] = Array.from({ length: 41 }, (_, index) => ({ index }));
      const anchors = objects.slice(0, isFound.length);
      const found = isFound.map((is, index) => (is ? { entity: index } : undefined));
      const entities = { anchors, found, next: 0, places: undefined };
      // Twice in the order of the walk, with other reads between, as a later call and the answer read them.
      for (const index of [...anchors.keys(), ...reads, ...anchors.keys()]) expect(entityOf(entities, objects[index])).toBe(found[index]);
    }),
  );
  expect(entityOf(undefined, {})).toBeUndefined();
  expect(entityOf({ anchors: [], found: [], next: 0, places: undefined }, undefined)).toBeUndefined();
});
