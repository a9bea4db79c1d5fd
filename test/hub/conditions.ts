import { defaultFieldResolver, type GraphQLResolveInfo, type GraphQLSchema, getNamedType, isLeafType, isObjectType } from "graphql";
import type { Condition, Operand } from "../../policies/engine/words.ts";
import type { Monolith } from "./monolith.ts";

/** What conditions are looked at with. */
export interface Looking<Context> {
  readonly schema: GraphQLSchema;
  /** The resolver of a coordinate, as its department has it; undefined where the value stands on the object itself. */
  readonly resolverOf: (
    coordinate: string,
  ) => ((parent: unknown, args: object, context: Context, info: GraphQLResolveInfo) => unknown) | undefined;
  readonly context: Context;
  readonly info: GraphQLResolveInfo;
  readonly question: Pick<Parameters<Monolith["answer"]>[0], "nowMs" | "caseReference">;
}

/** Whether an object meets all conditions, each value looked up in the plain schema whatever the caller may read. */
export async function meetsAll<Context>(looking: Looking<Context>, conditions: readonly Condition[], parent: unknown): Promise<boolean> {
  const met = await Promise.all(conditions.map((condition) => meets(looking, condition, { typeName: condition.type, value: parent })));
  return met.every(Boolean);
}

interface Place {
  readonly typeName: string;
  readonly value: unknown;
}

async function meets<Context>(looking: Looking<Context>, { path, comparison }: Condition, start: Place): Promise<boolean> {
  let place = start;
  for (const name of path) place = await step(looking, place, name);
  const { typeName, value } = place;
  if (value === null || value === undefined) return false;
  switch (comparison.kind) {
    case "is":
      return comparison.operands.some((operand) => readOperand(looking, operand) === value);
    case "has":
      return Array.isArray(value) && comparison.operands.some((operand) => value.includes(readOperand(looking, operand)));
    case "from":
    case "until": {
      const bound = readOperand(looking, comparison.operand);
      const isBelow = bound !== undefined && typeof bound === typeof value && (value as number | string) < (bound as number | string);
      return bound !== undefined && (comparison.kind === "until" ? isBelow : !isBelow);
    }
    case "some": {
      const items = (value as readonly unknown[]).map(async (item) => {
        const met = await Promise.all(comparison.conditions.map((each) => meets(looking, each, { typeName, value: item })));
        return met.every(Boolean);
      });
      return (await Promise.all(items)).some(Boolean);
    }
  }
}

async function step<Context>(looking: Looking<Context>, { typeName, value }: Place, name: string): Promise<Place> {
  const type = looking.schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  if (field === undefined) throw new Error(`${typeName}.${name} is no field.`);
  const named = getNamedType(field.type);
  if (value === null || value === undefined) return { typeName: named.name, value };
  const resolve = looking.resolverOf(`${typeName}.${name}`) ?? defaultFieldResolver;
  const found = await resolve(value, {}, looking.context, { ...looking.info, fieldName: name });
  const isLeaf = isLeafType(named) && found !== null && found !== undefined;
  return { typeName: named.name, value: isLeaf ? named.serialize(found) : found };
}

function readOperand({ question }: Pick<Looking<never>, "question">, operand: Operand): unknown {
  if (operand.kind === "literal") return operand.value;
  if (operand.kind === "case") return question.caseReference;
  return new Date(question.nowMs + 8 * 3_600_000).toISOString().slice(0, 10);
}
