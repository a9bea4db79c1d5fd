import fc from "fast-check";
import { expect, test } from "vitest";
import { createRepresentations } from "../../gateway/fetch/representations.ts";

const surroundings = { before: '{"__typename":"Parcel","lot":"', after: '"}' };

test("representations are JSON one by one and together, whatever is in their strings and in whichever order they come", () => {
  const entry = fc.oneof(
    fc.record({ lot: fc.string({ unit: "binary" }) }),
    fc.record({ lot: fc.string() }),
    fc.record({ lot: fc.integer() }),
  );
  fc.assert(
    fc.property(fc.array(entry), fc.boolean(), (entries, isReadBefore) => {
      const representations = createRepresentations(surroundings);
      const expected = entries.map(({ lot }) => ({ __typename: "Parcel", lot }));
      for (const [index, { lot }] of entries.entries()) {
        const added = typeof lot === "string" ? representations.addLeaf(lot) : representations.addText(JSON.stringify(expected[index]));
        expect(added).toBe(index);
      }
      const texts = isReadBefore ? representations.texts() : undefined;
      expect(representations.count()).toBe(entries.length);
      expect(JSON.parse(`[${representations.join(",")}]`)).toEqual(expected);
      expect((texts ?? representations.texts()).map((text) => JSON.parse(text) as unknown)).toEqual(expected);
    }),
  );
});
