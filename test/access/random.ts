import type { DocumentNode, GraphQLInputType, GraphQLNamedType } from "graphql";
import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isUnionType,
  parse,
} from "graphql";
import { fc } from "../services/fc.ts";
import { schema } from "./sample.ts";

type Pick = fc.GeneratorValue;

interface Writing {
  readonly pick: Pick;
  readonly variables: Map<string, string>;
  readonly fragments: { readonly name: string; readonly type: string; readonly text: string }[];
  budget: number;
}

/** How often an operation is written anew that is not valid. One that is picked at the edges of all ranges may hardly ever be. */
const attemptsMax = 40;

/** A random operation on the sample's graph, with fragments, variables, defaults, aliases and directives, that is valid. */
export function operations(isValid: (document: DocumentNode) => boolean): fc.Arbitrary<DocumentNode> {
  return fc.gen().map((pick) => {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const document = parse(writeOperation(pick));
      if (isValid(document)) return document;
    }
    return parse("query Q { __typename }");
  });
}

/** It may be invalid where keys meet. */
function writeOperation(pick: Pick): string {
  const writing: Writing = { pick, variables: new Map(), fragments: [], budget: 25 };
  const fragmentCount = pick(fc.nat, { max: 3 });
  for (let index = 0; index < fragmentCount; index += 1) {
    // A fragment is written before those that may spread it, so none spreads itself.
    const type = choose(pick, ["Person", "Animal", "Dog", "Cat", "Car", "Query", "Asset"]);
    const text = writeSet(writing, schema.getType(type), 2);
    writing.fragments.push({ name: `F${index}`, type, text });
  }
  writing.budget += 25;
  const set = writeSet(writing, schema.getQueryType() ?? undefined, 4);
  const variables = [...writing.variables].map(([name, type]) => `$${name}: ${type}`).join(", ");
  const fragments = writing.fragments.map(({ name, type, text }) => `fragment ${name} on ${type} ${text}`);
  return `query Q${variables === "" ? "" : `(${variables})`} ${set}\n${fragments.join("\n")}`;
}

/** Picks by index: what is picked from may be anything, while the generator compares what it is called with. */
function choose<Item>(pick: Pick, items: readonly [Item, ...Item[]] | readonly Item[]): Item {
  const item = items[pick(fc.nat, { max: items.length - 1 })];
  if (item === undefined && items.length === 0) throw new Error("There is nothing to choose from.");
  return item as Item;
}

function writeSet(writing: Writing, type: GraphQLNamedType | undefined, depth: number): string {
  const count = 1 + writing.pick(fc.nat, { max: 3 });
  const selections: string[] = [];
  for (let index = 0; index < count; index += 1) selections.push(writeSelection(writing, type, depth));
  return `{ ${selections.join(" ")} }`;
}

function writeSelection(writing: Writing, type: GraphQLNamedType | undefined, depth: number): string {
  writing.budget -= 1;
  const kind = writing.pick(fc.nat, { max: 9 });
  const spreadable = writing.fragments.filter((fragment) => doOverlap(type, schema.getType(fragment.type)));
  if (kind === 9 && spreadable.length > 0) return `...${choose(writing.pick, [...spreadable]).name}${writeDirective(writing)}`;
  if (kind >= 7 && depth > 0 && writing.budget > 0) {
    const conditions = ["Person", "Animal", "Dog", "Cat", "Car", "Query", "Asset"].filter((name) => doOverlap(type, schema.getType(name)));
    const condition = choose(writing.pick, [undefined, ...conditions]);
    const inner = condition === undefined ? type : schema.getType(condition);
    return `...${condition === undefined ? "" : ` on ${condition}`}${writeDirective(writing)} ${writeSet(writing, inner, depth - 1)}`;
  }
  return writeField(writing, type, depth);
}

function writeField(writing: Writing, type: GraphQLNamedType | undefined, depth: number): string {
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  const isDeep = depth > 0 && writing.budget > 0;
  const usable = fields.filter((field) => isDeep || !isCompositeType(getNamedType(field.type)));
  if (type === schema.getQueryType() && writing.pick(fc.nat, { max: 12 }) === 0)
    return `__schema${writeDirective(writing)} { queryType { name } }`;
  if (usable.length === 0 || writing.pick(fc.nat, { max: 9 }) === 0) return "__typename";
  const field = choose(writing.pick, [...usable]);
  const given = field.args.filter((_argument) => writing.pick(fc.nat, { max: 3 }) === 0);
  const written = given.map((argument) => `${argument.name}: ${writeValue(writing, argument.type, 2)}`);
  // Fields with arguments get a key of their own: two of one key must have equal arguments.
  const alias = written.length > 0 ? `k${writing.budget + 1000}: ` : choose(writing.pick, ["", "", `a_${field.name}: `]);
  const inner = getNamedType(field.type);
  const set = isCompositeType(inner) ? ` ${writeSet(writing, inner, depth - 1)}` : "";
  return `${alias}${field.name}${written.length > 0 ? `(${written.join(", ")})` : ""}${writeDirective(writing)}${set}`;
}

function writeDirective(writing: Writing): string {
  const kind = writing.pick(fc.nat, { max: 14 });
  if (kind === 0) return " @skip(if: true)";
  if (kind === 1) return ` @include(if: $${addVariable(writing, "Boolean! = true")})`;
  return kind === 2 ? " @trace(level: HIGH)" : "";
}

function writeValue(writing: Writing, type: GraphQLInputType, depth: number): string {
  if (writing.pick(fc.nat, { max: 4 }) === 0) {
    const named = getNamedType(type);
    const standard = isListType(getNullableType(type)) || writing.pick(fc.boolean) ? "" : ` = ${writeLiteral(writing, named, 1)}`;
    return `$${addVariable(writing, `${String(type)}${standard}`)}`;
  }
  const nullable = getNullableType(type);
  if (!isListType(nullable)) return writeLiteral(writing, nullable, depth);
  const items = Array.from({ length: writing.pick(fc.nat, { max: 2 }) }, () => writeLiteral(writing, getNamedType(nullable), depth));
  return writing.pick(fc.boolean) ? `[${items.join(", ")}]` : writeLiteral(writing, getNamedType(nullable), depth);
}

function writeLiteral(writing: Writing, type: GraphQLInputType, depth: number): string {
  if (isEnumType(type)) return choose(writing.pick, [...type.getValues()]).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => writing.pick(fc.boolean) && (depth > 0 || !isListType(field.type)));
    return `{ ${fields.map((field) => `${field.name}: ${writeConstant(writing, field.type, depth - 1)}`).join(", ")} }`;
  }
  const name = getNamedType(type).name;
  if (name === "Boolean") return "true";
  return name === "Int" ? "3" : '"x"';
}

function writeConstant(writing: Writing, type: GraphQLInputType, depth: number): string {
  return writeLiteral(writing, getNamedType(type), depth);
}

function addVariable(writing: Writing, type: string): string {
  const name = `v${writing.variables.size}`;
  writing.variables.set(name, type);
  return name;
}

function doOverlap(left: GraphQLNamedType | undefined, right: GraphQLNamedType | undefined): boolean {
  return possible(left).some((name) => possible(right).includes(name));
}

function possible(type: GraphQLNamedType | undefined): string[] {
  if (isAbstractType(type) || isUnionType(type)) return schema.getPossibleTypes(type).map(({ name }) => name);
  return type === undefined ? [] : [type.name];
}
