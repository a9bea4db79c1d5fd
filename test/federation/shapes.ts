import type { Chance } from "./chance.ts";
import type { FieldKind, Key, Model, ModelEntity, ModelField, ModelMedia } from "./model.ts";

interface Frame {
  readonly subgraphs: readonly string[];
  readonly names: readonly string[];
  readonly isPlain: boolean;
}

const wraps = ["T", "T", "T", "T!", "T!", "[T]", "[T!]", "[T]!", "[T!]!", "[[T]]", "[[T!]]", "[[T]!]", "[[T!]!]!"] as const;
const args = ["x: Int = 3", "x: Int = 3", "by: Filter = { n: 2 }", "colour: Colour", "many: [Int!]"] as const;
const leafKinds: readonly FieldKind[] = ["Int", "String", "Colour", "Shade", "Value", "Shape"];

/** The place that the entity interface takes, before fields are known. */
export type MediaFrame = Pick<ModelMedia, "home" | "objects" | "members">;

export function makeMedia(chance: Chance, { subgraphs, names, isPlain }: Frame): MediaFrame | undefined {
  const [home] = subgraphs;
  const objects = subgraphs.at(-1);
  if (isPlain || home === undefined || objects === undefined || home === objects || chance.is(0.5)) return undefined;
  return { home, objects, members: names.slice(0, 1 + chance.int(names.length)) };
}

/** Makes a field's own part: its type and arguments. Entities that it may hold must be known to all its subgraphs. */
function makeField(chance: Chance, name: string, owner: string): ModelField {
  return {
    name,
    owner,
    kind: chance.one(leafKinds),
    targets: [],
    wrap: chance.one(wraps),
    argument: chance.is(0.3) ? chance.one(args) : "",
    subgraphs: [],
    requires: [],
    provides: undefined,
    override: undefined,
    isProvided: false,
    isHidden: false,
    isCalm: false,
  };
}

interface EntityFrame extends Frame {
  readonly media: MediaFrame | undefined;
}

export function makeEntities(chance: Chance, frame: EntityFrame): ModelEntity[] {
  const hosts = new Map(frame.names.map((name) => [name, makeHosts(chance, name, frame)]));
  const bare = frame.names.map((name) => makeEntity(chance, { name, hosts, frame }));
  return bare.map((entity) => addDirectives(chance, entity, { bare, frame }));
}

function makeHosts(chance: Chance, name: string, { subgraphs, media, isPlain }: EntityFrame): ReadonlyMap<string, readonly Key[]> {
  const isMember = media?.members.includes(name) ?? false;
  const allowed = isMember ? subgraphs.filter((subgraph) => subgraph !== media?.objects) : subgraphs;
  const drawn = allowed.filter((subgraph) => (isMember && subgraph === media?.home) || chance.is(0.8));
  const known = drawn.length < 2 ? allowed : drawn;
  return new Map(
    known.map((subgraph, index) => {
      if (index === 0 || isPlain) return [subgraph, ["id", "code", "pos { x }"]] as const;
      return [subgraph, [...chance.one(keySets)]] as const;
    }),
  );
}

const keySets: readonly (readonly Key[])[] = [
  ["id"],
  ["id"],
  ["code"],
  ["id code"],
  ["pos { x }"],
  ["id", "code"],
  ["code", "pos { x }"],
  ["id", "pos { x }"],
];

interface EntityOptions {
  readonly name: string;
  readonly hosts: ReadonlyMap<string, ReadonlyMap<string, readonly Key[]>>;
  readonly frame: EntityFrame;
}

function makeEntity(chance: Chance, { name, hosts, frame }: EntityOptions): ModelEntity {
  const subgraphs = hosts.get(name) ?? new Map<string, readonly Key[]>();
  const known = [...subgraphs.keys()];
  const fields: ModelField[] = [];
  const count = 3 + chance.int(4);
  for (let index = 0; index < count; index += 1) {
    const isShared = !frame.isPlain && chance.is(0.2);
    const owners = isShared ? known.slice(0, 2) : [chance.one(known)];
    const field = { ...makeField(chance, `f${index}`, name), subgraphs: owners };
    fields.push(chance.is(0.5) ? field : aim(chance, field, { knownTo: (entity) => hosts.get(entity), frame }));
  }
  const stubs = new Set(
    known.slice(1).filter((host) => !frame.isPlain && !fields.some((field) => field.subgraphs.includes(host)) && chance.is(0.5)),
  );
  return { name, fields, subgraphs, stubs };
}

interface AimOptions {
  readonly knownTo: (entity: string) => ReadonlyMap<string, unknown> | undefined;
  readonly frame: EntityFrame;
}

/** Makes a field hold entities, where its subgraphs know some. */
function aim(chance: Chance, field: ModelField, { knownTo, frame }: AimOptions): ModelField {
  const { names, media } = frame;
  const entities = names.filter((name) => field.subgraphs.every((subgraph) => knownTo(name)?.has(subgraph)));
  const canBeMedia = media !== undefined && field.subgraphs.every((subgraph) => subgraph === media.home || subgraph === media.objects);
  const kinds: FieldKind[] = [
    ...(canBeMedia ? ["Media" as const] : []),
    ...(entities.length > 0 ? (["Entity", "Node", "Any"] as const) : []),
  ];
  if (kinds.length === 0) return field;
  const kind = chance.one(kinds);
  switch (kind) {
    case "Media":
      return { ...field, kind, targets: media?.members ?? [] };
    case "Entity":
      return { ...field, kind, targets: [chance.one(entities)] };
    case "Any":
      return { ...field, kind, targets: [...entities, "Value"] };
    default:
      return { ...field, kind, targets: entities };
  }
}

interface DirectiveOptions {
  readonly bare: readonly ModelEntity[];
  readonly frame: EntityFrame;
}

/** Adds `@requires`, `@override`, `@provides` and `@inaccessible` where they may stand. */
function addDirectives(chance: Chance, entity: ModelEntity, { frame }: DirectiveOptions): ModelEntity {
  const fields: ModelField[] = [];
  const known = [...entity.subgraphs.keys()].filter((host) => !entity.stubs.has(host));
  for (const field of entity.fields) {
    const [only, ...others] = field.subgraphs;
    const isSole = only !== undefined && others.length === 0;
    const sources = fields.filter((source) => canBeSource(source) && source.subgraphs.every((host) => !field.subgraphs.includes(host)));
    const isScalar = field.kind === "Int" || field.kind === "String";
    if (isSole && isScalar && sources.length > 0 && chance.is(0.6)) {
      const chosen = sources.toReversed().slice(0, 1 + chance.int(2));
      for (const source of chosen) fields[fields.indexOf(source)] = { ...source, isCalm: true };
      fields.push({
        ...field,
        argument: chance.is(0.8) ? "" : field.argument,
        requires: chosen.map((source) => selectionOf(chance, source)),
      });
      continue;
    }
    const from = known.find((host) => !field.subgraphs.includes(host));
    if (isSole && !frame.isPlain && from !== undefined && leafKinds.includes(field.kind) && chance.is(0.12)) {
      fields.push({ ...field, override: { from, label: chance.is(0.3) ? "percent(50)" : undefined } });
      continue;
    }
    fields.push(field);
  }
  const visible = fields.map((field, index) =>
    index > 0 && leafKinds.includes(field.kind) && chance.is(0.05) ? { ...field, isHidden: true } : field,
  );
  return { ...entity, fields: visible };
}

function canBeSource(field: ModelField): boolean {
  return field.argument === "" && field.override === undefined && ["Int", "String", "Colour", "Value"].includes(field.kind);
}

function selectionOf(chance: Chance, { kind, name }: ModelField): string {
  if (kind !== "Value") return name;
  return `${name} { ${chance.one(["n", "n t", "deep { d }", "t deep { list d }"])} }`;
}

interface RootFrame {
  readonly subgraphs: readonly string[];
  readonly entities: readonly ModelEntity[];
  readonly isPlain: boolean;
  readonly media: MediaFrame | undefined;
}

export function makeRoots(chance: Chance, frame: RootFrame): Pick<Model, "queries" | "mutations" | "media" | "entities"> {
  const { subgraphs, entities, isPlain, media } = frame;
  const names = entities.map(({ name }) => name);
  const knownTo = (name: string): ReadonlyMap<string, unknown> | undefined => entities.find((entity) => entity.name === name)?.subgraphs;
  const options: AimOptions = { knownTo, frame: { subgraphs, names, isPlain, media } };
  const make = (name: string, owner: string, isAimed: boolean): ModelField => {
    const isShared = owner === "Query" && !isPlain && chance.is(0.15);
    const field = { ...makeField(chance, name, owner), subgraphs: isShared ? subgraphs.slice(0, 2) : [chance.one(subgraphs)] };
    return isAimed ? aim(chance, field, options) : field;
  };
  const queries = Array.from({ length: 2 + chance.int(3) }, (_, index) => make(`root${index}`, "Query", chance.is(0.9)));
  const mutations = chance.is(0.4)
    ? Array.from({ length: 2 + chance.int(3) }, (_, index) => {
        const field = make(`change${index}`, "Mutation", chance.is(0.4));
        return leafKinds.includes(field.kind) ? { ...field, kind: "Int" as const, wrap: "T" } : field;
      })
    : [];
  const provided = isPlain ? { queries, entities } : addProvides(chance, queries, entities);
  return { ...provided, mutations, media: media === undefined ? undefined : fillMedia(chance, media) };
}

function fillMedia(chance: Chance, frame: MediaFrame): ModelMedia {
  const requires = chance.is(0.4);
  const own = {
    ...makeField(chance, "m", "Media"),
    kind: "String" as const,
    argument: "" as const,
    subgraphs: [frame.home],
    isCalm: requires,
  };
  const added = Array.from({ length: 1 + chance.int(3) }, (_, index) => {
    const field = { ...makeField(chance, `g${index}`, "Media"), subgraphs: [frame.objects] };
    if (index === 0 && requires) return { ...field, kind: "String" as const, requires: ["m"] };
    return chance.is(0.25) ? { ...field, kind: "Media" as const, targets: frame.members } : field;
  });
  return { ...frame, own, added };
}

/** Lets some fields bring a leaf of their entity along that is another subgraph's. */
function addProvides(
  chance: Chance,
  queries: readonly ModelField[],
  entities: readonly ModelEntity[],
): { readonly queries: readonly ModelField[]; readonly entities: readonly ModelEntity[] } {
  const provided = new Set<string>();
  const provide = (field: ModelField): ModelField => {
    const [host, ...others] = field.subgraphs;
    const target = entities.find(({ name }) => name === field.targets[0]);
    if (field.kind !== "Entity" || others.length > 0 || host === undefined || target === undefined || chance.is(0.6)) return field;
    const leaf = target.fields.find((candidate) => isProvidable(candidate) && !candidate.subgraphs.includes(host));
    if (leaf === undefined) return field;
    provided.add(`${target.name}.${leaf.name}`);
    return { ...field, provides: leaf.name };
  };
  const providing = queries.map(provide);
  const withProvides = entities.map((entity) => ({ ...entity, fields: entity.fields.map(provide) }));
  return {
    queries: providing,
    entities: withProvides.map((entity) => ({
      ...entity,
      fields: entity.fields.map((field) => (provided.has(`${entity.name}.${field.name}`) ? { ...field, isProvided: true } : field)),
    })),
  };
}

function isProvidable(field: ModelField): boolean {
  return (
    ["Int", "String", "Colour"].includes(field.kind) && field.argument === "" && field.override === undefined && field.requires.length === 0
  );
}
