import type { ConstDirectiveNode, ConstValueNode } from "graphql";
import { Kind } from "graphql/language/index.js";
import { stringArgument } from "./definitions.ts";

/** Identity (the URL without its version) of the hub's own feature. */
export const HUB_FEATURE = "https://crossharbour.example/hub";

const SPECS = "https://specs.apollo.dev/";

/** What a schema document links with `@link` (Federation 2) or `@core` (Federation 1), under the names it uses for them. */
export interface Features {
  /** Whether the document links the feature itself. */
  isLinked(identity: string): boolean;
  /** Name, without `@`, under which a directive of a feature is known in the document. */
  directiveName(identity: string, directive: string): string;
  /** Name under which a type of a feature is known in the document. */
  typeName(identity: string, type: string): string;
  /** Whether a type is part of the federation machinery or of the hub's, so that no caller may see it. */
  isMachinery(typeName: string): boolean;
  /** Whether a type comes with some other feature: it is visible only where something visible refers to it. */
  isForeignFeature(typeName: string): boolean;
  /** Whether a directive is part of the federation machinery or of the hub's. */
  isMachineryDirective(directiveName: string): boolean;
}

/** One link. */
export interface Link {
  /** The URL without its version. */
  readonly identity: string;
  /** Version as the URL writes it, such as `v1.0`; empty where it has none. */
  readonly version: string;
  /** Prefix of the names that are not imported. */
  readonly namespace: string;
  /** Local name by the feature's name; both with a leading `@` for directives. */
  readonly imports: ReadonlyMap<string, string>;
  readonly node: ConstDirectiveNode;
}

/** What a document without any link is read as: the first composers wrote none. */
const UNLINKED = ["link", "core", "join", "tag", "inaccessible"] as const;

/** `@inaccessible` hides even where the document forgot to link it: the other way round it would show what was meant to be hidden. */
const ALWAYS = ["inaccessible"] as const;

/**
 * Reads what a document links.
 *
 * @param schemaDirectives The directives of `schema` and of every `extend schema`.
 * @see https://specs.apollo.dev/link/v1.0/ for names, namespaces and imports
 */
export function readFeatures(schemaDirectives: readonly ConstDirectiveNode[]): Features {
  const links = readLinks(schemaDirectives);
  const linked = new Set(links.map((link) => link.identity));
  const assumed = (links.length === 0 ? UNLINKED : ALWAYS)
    .filter((name) => !linked.has(SPECS + name))
    .map((name) => defaultLink(SPECS + name));
  const all = new Map([...assumed, ...links].map((link) => [link.identity, link]));
  const machinery = [...all.values()].filter((link) => isMachineryIdentity(link.identity));
  const foreign = [...all.values()].filter((link) => !isMachineryIdentity(link.identity));
  const find = (identity: string): Link => all.get(identity) ?? defaultLink(identity);
  return {
    isLinked: (identity) => linked.has(identity),
    directiveName: (identity, directive) => localName(find(identity), `@${directive}`),
    typeName: (identity, type) => localName(find(identity), type),
    isMachinery: (name) => machinery.some((link) => owns(link, name)),
    isForeignFeature: (name) => foreign.some((link) => owns(link, name)),
    isMachineryDirective: (name) => machinery.some((link) => owns(link, `@${name}`)),
  };
}

/** The links among the directives of a schema definition, in order. The directive that links is itself found by its link, so it may be renamed. */
export function readLinks(directives: readonly ConstDirectiveNode[]): readonly Link[] {
  const linkers = new Set(["link", "core"]);
  for (const directive of directives) {
    const link = readLink(directive);
    if (link !== undefined && (link.identity === `${SPECS}link` || link.identity === `${SPECS}core`)) {
      const local = localName(link, `@${lastSegment(link.identity)}`);
      if (local === directive.name.value) linkers.add(local);
    }
  }
  return directives.filter((directive) => linkers.has(directive.name.value)).flatMap((directive) => readLink(directive) ?? []);
}

function readLink(node: ConstDirectiveNode): Link | undefined {
  const url = stringArgument(node, "url") ?? stringArgument(node, "feature");
  if (url === undefined) return undefined;
  const segments = url.replace(/\/+$/, "").split("/");
  const last = segments.at(-1) ?? "";
  const version = /^v\d+\.\d+$/.test(last) ? last : "";
  const identity = (version === "" ? segments : segments.slice(0, -1)).join("/");
  const imports = node.arguments?.find((argument) => argument.name.value === "import")?.value;
  return {
    identity,
    version,
    namespace: stringArgument(node, "as") ?? lastSegment(identity),
    imports: readImports(imports),
    node,
  };
}

function readImports(value: ConstValueNode | undefined): ReadonlyMap<string, string> {
  const imports = new Map<string, string>();
  for (const item of value?.kind === Kind.LIST ? value.values : []) {
    if (item.kind === Kind.STRING) imports.set(item.value, item.value);
    if (item.kind !== Kind.OBJECT) continue;
    const texts = new Map(item.fields.map((field) => [field.name.value, field.value.kind === Kind.STRING ? field.value.value : undefined]));
    const name = texts.get("name");
    if (name !== undefined) imports.set(name, texts.get("as") ?? name);
  }
  return imports;
}

function defaultLink(identity: string): Link {
  const node: ConstDirectiveNode = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: "link" } };
  return { identity, version: "", namespace: lastSegment(identity), imports: new Map(), node };
}

function isMachineryIdentity(identity: string): boolean {
  return identity.startsWith(SPECS) || identity === HUB_FEATURE;
}

function lastSegment(identity: string): string {
  return identity.slice(identity.lastIndexOf("/") + 1);
}

/** The name in the document, without `@`, of an element given with `@` if it is a directive. */
function localName(link: Link, element: string): string {
  const imported = link.imports.get(element);
  if (imported !== undefined) return imported.replace(/^@/, "");
  const bare = element.replace(/^@/, "");
  return element.startsWith("@") && bare === lastSegment(link.identity) ? link.namespace : `${link.namespace}__${bare}`;
}

function owns(link: Link, element: string): boolean {
  const bare = element.replace(/^@/, "");
  if (bare.startsWith(`${link.namespace}__`)) return true;
  if (element.startsWith("@") && bare === link.namespace) return true;
  for (const local of link.imports.values()) if (local === element) return true;
  return false;
}
