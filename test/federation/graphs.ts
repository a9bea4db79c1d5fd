import { buildASTSchema, type GraphQLFieldResolver, type GraphQLSchema, parse } from "graphql";
import { declare, type Instance, type Model, type ModelEntity, type ModelField } from "./model.ts";
import { inputsOf, knowsGrey, nameOf, outcomeOf, plainValue, valueOf, type World } from "./values.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides", "@external", "@shareable", "@override", "@interfaceObject", "@inaccessible"])\n`;

function valueTypes({ isNarrowing }: Model, shared: string): string {
  const twin = (type: string): string => (isNarrowing ? `twin: ${type}` : "");
  return `type Deep ${shared} { d: String list: [Int!] } type Value implements Shape ${shared} { n: Int t: String deep: Deep ${twin("Value")} }
type Dot implements Shape ${shared} { n: Int d: Int ${twin("Dot")} } interface Shape { n: Int ${twin("Shape")} } enum Colour { RED BLUE }
input Filter { n: Int = 7 colour: Colour = RED many: [Int!] inner: Filter }`;
}

/** The whole model as one plain schema: what the hub's answers are held against. */
export function buildMonolith(model: Model): GraphQLSchema {
  const { media, entities, queries, mutations } = model;
  const types = entities.map(({ name, fields, subgraphs }) => {
    const isMember = media?.members.includes(name) === true;
    const own = isMember ? [...fields, media.own, ...media.added] : fields;
    const isNode = [...subgraphs.keys()].some((subgraph) => usesNode(model, subgraph));
    const interfaces = [...(isNode ? ["Node"] : []), ...(isMember ? ["Media"] : [])];
    return `type ${name}${implementing(interfaces)} { id: ID! code: String! pos: Pos! tag: String ${kin(model, name)} ${own.map(declare).join(" ")} }`;
  });
  if (media !== undefined) types.push(`interface Media { id: ID! ${[media.own, ...media.added].map(declare).join(" ")} }`);
  if (mutations.length > 0) types.push(`type Mutation { ${mutations.map(declare).join(" ")} }`);
  const sdl = `${valueTypes(model, "")} type Pos { x: Int! } enum Shade { DARK LIGHT GREY } interface Node { id: ID! tag: String ${kin(model, "Node")} }
union Any = ${[...entities.map(({ name }) => name), "Value"].join(" | ")} type Query { ${queries.map(declare).join(" ")} } ${types.join("\n")}`;
  return buildASTSchema(parse(sdl, { noLocation: true }));
}

/** What a monolith's run tells besides its answer. */
export interface MonolithContext {
  readonly world: World;
  /** Paths of objects one of whose hidden inputs has failed: the hub says so, the monolith's own schema has no word for it. */
  readonly hidden: (readonly (string | number)[])[];
}

/** Resolves every field of a monolith. */
export const resolveMonolith: GraphQLFieldResolver<unknown, MonolithContext, Record<string, unknown>> = (
  source,
  args,
  { world, hidden },
  info,
) => {
  const field = world.fields.get(`${info.parentType.name}.${info.fieldName}`);
  if (field === undefined) return plainValue(source, info.fieldName);
  const instance = source as Instance | undefined;
  const [via = ""] = field.subgraphs;
  const outcome = outcomeOf(world, field, instance);
  const inputs = inputsOf(world, field, instance);
  if (field.requires.length > 0 && world.faults.kind !== "none") hidden.push(parentPath(info.path));
  if (outcome === "null") return null;
  // A change that its subgraph has refused may have happened; one that never arrived has not.
  const value = outcome === "error" && world.faults.kind === "dead" ? null : valueOf(world, { field, source: instance, args, inputs, via });
  if (outcome === "error") throw new Error(`${field.name} fails.`);
  return value;
};

interface PathLink {
  readonly prev: PathLink | undefined;
  readonly key: string | number;
}

function parentPath({ prev }: PathLink): (string | number)[] {
  const path: (string | number)[] = [];
  for (let step = prev; step !== undefined; step = step.prev) path.unshift(step.key);
  return path;
}

/** One subgraph's SDL, with the federation link. */
export function subgraphSdl(model: Model, subgraph: string): string {
  const { media } = model;
  const known = model.entities.filter((entity) => entity.subgraphs.has(subgraph));
  const isNode = usesNode(model, subgraph);
  const isHome = media?.home === subgraph;
  const types = known.map((entity) =>
    entitySdl(model, entity, { subgraph, isNode, isHome: isHome && media.members.includes(entity.name) }),
  );
  if (isHome) types.push(`interface Media @key(fields: "id") { id: ID! ${declare(media.own)} }`);
  if (media?.objects === subgraph) types.push(mediaObjectSdl(media.own, media.added));
  for (const [name, fields] of [
    ["Query", model.queries],
    ["Mutation", model.mutations],
  ] as const) {
    const own = fields.filter((field) => field.subgraphs.includes(subgraph));
    if (own.length > 0) types.push(`type ${name} { ${own.map((field) => fieldSdl(field, subgraph)).join(" ")} }`);
  }
  if (isNode) types.push(`interface Node { id: ID! tag: String ${kin(model, "Node")} }`);
  const shades = knowsGrey(subgraph) ? "DARK LIGHT GREY" : "DARK LIGHT";
  const union = `union Any = ${[...known.map(({ name }) => name), "Value"].join(" | ")}`;
  return [link, valueTypes(model, "@shareable"), "type Pos @shareable { x: Int! }", `enum Shade { ${shades} }`, union, ...types].join("\n");
}

function mediaObjectSdl(own: ModelField, added: readonly ModelField[]): string {
  const external = added.some(({ requires }) => requires.length > 0) ? `${declare(own)} @external` : "";
  return `type Media @interfaceObject @key(fields: "id") { id: ID! ${external} ${added.map((field) => fieldSdl(field, field.subgraphs[0] ?? "")).join(" ")} }`;
}

/** The field that leads from a Node to another one of its own type; in plain models it would be open which subgraph takes that step. */
function kin({ isPlain, isNarrowing }: Model, type: string): string {
  return isPlain || !isNarrowing ? "" : `kin: ${type}`;
}

/** In plain models every subgraph has what a Node has, so that it is foreseeable where it is taken from. */
function usesNode(model: Model, subgraph: string): boolean {
  const known = model.entities.filter((entity) => entity.subgraphs.has(subgraph));
  const fields = [...model.queries, ...model.mutations, ...known.flatMap((entity) => entity.fields)];
  return (model.isPlain && known.length > 0) || fields.some((field) => field.kind === "Node" && field.subgraphs.includes(subgraph));
}

interface EntitySite {
  readonly subgraph: string;
  readonly isNode: boolean;
  readonly isHome: boolean;
}

function entitySdl(model: Model, entity: ModelEntity, { subgraph, isNode, isHome }: EntitySite): string {
  const keys = entity.subgraphs.get(subgraph) ?? [];
  const isKey = (name: string): boolean => keys.some((key) => key.split(" ").includes(name));
  const needsId = isNode || isHome;
  const fields: string[] = [];
  if (isKey("id") || needsId) fields.push(isKey("id") || isHome ? "id: ID!" : "id: ID! @shareable");
  if (isKey("code")) fields.push("code: String!");
  if (isKey("pos")) fields.push("pos: Pos!");
  if (isNode) fields.push("tag: String @shareable");
  const toKin = kin(model, entity.name);
  if (isNode && toKin !== "") fields.push(`${toKin} @shareable`);
  if (isHome && model.media !== undefined) fields.push(declare(model.media.own));
  const external = new Set<string>();
  for (const field of entity.fields) {
    const isOwn = field.subgraphs.includes(subgraph);
    if (isOwn || field.override?.from === subgraph) fields.push(fieldSdl(field, subgraph));
    if (isOwn) for (const selection of field.requires) external.add(nameOf(selection));
  }
  for (const name of providedTo(model, entity.name, subgraph)) external.add(name);
  for (const field of entity.fields) if (external.has(field.name)) fields.push(`${declare(field)} @external`);
  const isStub = entity.stubs.has(subgraph);
  const all: readonly string[] = isHome && !keys.includes("id") ? [...keys, "id"] : keys;
  const directives = all.map((key) => `@key(fields: "${key}"${isStub ? ", resolvable: false" : ""})`);
  const interfaces = [...(isNode ? ["Node"] : []), ...(isHome ? ["Media"] : [])];
  return `type ${entity.name}${implementing(interfaces)} ${directives.join(" ")} { ${fields.join(" ")} }`;
}

function implementing(interfaces: readonly string[]): string {
  return interfaces.length > 0 ? ` implements ${interfaces.join(" & ")}` : "";
}

function providedTo(model: Model, entity: string, subgraph: string): string[] {
  const fields = [...model.queries, ...model.entities.flatMap(({ fields: own }) => own)];
  return fields.flatMap((field) =>
    field.provides !== undefined && field.targets[0] === entity && field.subgraphs.includes(subgraph) ? [field.provides] : [],
  );
}

function fieldSdl(field: ModelField, subgraph: string): string {
  const isOwn = field.subgraphs.includes(subgraph);
  const { override } = field;
  const directives = [
    ...(isOwn && field.requires.length > 0 ? [`@requires(fields: "${field.requires.join(" ")}")`] : []),
    ...(isOwn && field.provides !== undefined ? [`@provides(fields: "${field.provides}")`] : []),
    ...(isOwn && override !== undefined
      ? [`@override(from: "${override.from}"${override.label === undefined ? "" : `, label: "${override.label}"`})`]
      : []),
    ...((field.subgraphs.length > 1 || field.isProvided) && field.owner !== "Mutation" ? ["@shareable"] : []),
    ...(field.isHidden ? ["@inaccessible"] : []),
  ];
  return [declare(field), ...directives].join(" ");
}
