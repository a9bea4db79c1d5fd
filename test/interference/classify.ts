import type { CatalogueField, Level } from "../../schema/catalogue.ts";
import type { Supergraph } from "../../schema/supergraph.ts";
import type { Chance } from "../federation/chance.ts";
import { fieldsOf, type Model, type ModelField } from "../federation/model.ts";
import type { Listing } from "./lists.ts";

/** The instant of every request: midnight of 2026-11-24 in Hong Kong, the first at which what begins on that day holds. */
export const nowMs = Date.parse("2026-11-24T00:00:00+08:00");

/** Its day. */
export const today = "2026-11-24";

/** Decides of each field whether it is governed. What is governed may be null, as composition demands it. */
export function governModel(chance: Chance, model: Model): Model {
  const govern = (field: ModelField): ModelField => (chance.is(0.25) ? field : { ...field, wrap: field.wrap.replace(/!$/, "") });
  const { media } = model;
  return {
    ...model,
    mutations: [],
    entities: model.entities.map((entity) => ({ ...entity, fields: entity.fields.map(govern) })),
    queries: model.queries.map(govern),
    media: media === undefined ? undefined : { ...media, own: govern(media.own), added: media.added.map(govern) },
  };
}

interface Classifying {
  readonly chance: Chance;
  readonly model: Model;
  readonly listings: readonly Listing[];
}

/** Puts random classifications in the place of those that random departments don't state. */
export function classifyAll(supergraph: Supergraph, { chance, model, listings }: Classifying): Supergraph {
  const known = fieldsOf(model);
  const fields = new Map<string, CatalogueField>();
  for (const [coordinate, field] of supergraph.catalogue.fields) {
    const listing = listings.find(({ list, count }) => coordinate === `Query.${list}` || coordinate === `Query.${count}`);
    const owners = listing === undefined ? (known.get(coordinate)?.subgraphs ?? ownersOf(model, coordinate)) : [listing.subgraph];
    const mustBeOpen = field.type.endsWith("!");
    const openShare = coordinate.startsWith("Query.") ? 0.65 : 0.15;
    // Whoever may filter a list needs an agreement for it.
    const isOpen = listing === undefined && (mustBeOpen || chance.is(openShare));
    const level: Level = isOpen ? "OPEN" : chance.one(["RESTRICTED", "CONFIDENTIAL"]);
    fields.set(coordinate, {
      ...field,
      owners: [...owners].toSorted(),
      classification: { level, personal: !isOpen, identifier: "NONE" },
      maxAgeSeconds: chance.is(0.7) ? 60 : undefined,
    });
  }
  return { ...supergraph, catalogue: { fields, unclassified: [] } };
}

function ownersOf({ entities, subgraphs }: Model, coordinate: string): readonly string[] {
  const type = coordinate.slice(0, coordinate.indexOf("."));
  const entity = entities.find(({ name }) => name === type);
  return entity === undefined ? subgraphs : [...entity.subgraphs.keys()];
}

/** The supergraph with a type, a field and values more that nobody shares: it must make no difference to anybody. */
export function withSecrets(sdl: string, chance: Chance): string {
  const graph = /@join__type\(graph: (\w+)/.exec(sdl)?.[1] ?? "A";
  const types = [...sdl.matchAll(/^type (\w+)\b[\s\S]*?\{$/gm)].filter(([, name]) => name !== "Query" && name !== "Mutation");
  const target = chance.one(types)[1] ?? "";
  const secret = `${chance.one(["f", "secret", "root", "g"])}${10 + chance.int(80)}`;
  const field = `\n  ${secret}(key: Secret1Order): Secret1 @join__field(graph: ${graph})`;
  const type = [
    `type Secret1 @join__type(graph: ${graph}) {\n  ${secret}: String\n}`,
    `enum Secret1Order @join__type(graph: ${graph}) {\n  SECRET @join__enumValue(graph: ${graph})\n}`,
  ].join("\n");
  const listed = sdl.replace(/^enum \w+Order\b[\s\S]*?\{$/m, (head) => `${head}\n  BY_f9 @join__enumValue(graph: ${graph})`);
  return `${listed.replace(new RegExp(`^type ${target}\\b[\\s\\S]*?\\{$`, "m"), (head) => head + field)}\n${type}\n`;
}
