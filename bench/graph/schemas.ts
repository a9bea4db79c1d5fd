import { buildSubgraphSchema } from "@apollo/subgraph";
import { buildASTSchema, execute, type GraphQLSchema, Kind, type ObjectTypeDefinitionNode, parse } from "graphql";
import { type Entry, ledger, notesAbout, numberOf, rotaOf, traderAt, wareAt, wareBy } from "./data.ts";
import { type DepartmentName, departmentNames, firstSdlOf, plainSdlOf } from "./sdl.ts";

/** A department's schema with its resolvers, as graphql-js executes it. */
export function departmentSchema(name: DepartmentName, version: 1 | 2): GraphQLSchema {
  const typeDefs = parse(version === 1 ? firstSdlOf(name) : plainSdlOf(name));
  return buildSubgraphSchema([{ typeDefs, resolvers: resolversOf(name) as never }]);
}

/** Answers one operation of a department. */
export async function answerDepartment(schema: GraphQLSchema, body: string): Promise<string> {
  const { query, variables, operationName } = JSON.parse(body) as GraphqlRequest;
  return JSON.stringify(
    await execute({ schema, document: parse(query), variableValues: variables ?? {}, operationName: operationName ?? null }),
  );
}

/** A request over HTTP. */
export interface GraphqlRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

type Resolvers = Readonly<Record<string, Readonly<Record<string, (parent: never, args: never) => unknown>>>>;
interface Keyed {
  readonly id: string;
}
interface Coded {
  readonly code: string;
}

function resolversOf(name: DepartmentName): Resolvers {
  switch (name) {
    case "traders":
      return {
        Query: {
          traders: (_parent: unknown, { first }: { first: number }) => Array.from({ length: first }, (_, index) => traderAt(index)),
          trader: (_parent: unknown, { id }: Keyed) => traderAt(numberOf(id)),
        },
        Trader: { __resolveReference: ({ id }: Keyed) => traderAt(numberOf(id)) },
      };
    case "wares": {
      const lines = ledger();
      return {
        Query: {
          wares: (_parent: unknown, { first, from }: { first: number; from: number }) =>
            Array.from({ length: first }, (_, index) => wareBy(`ware-${from + index}`)),
          ware: (_parent: unknown, { code }: Coded) => wareBy(code),
          ledger: (): readonly Entry[] => lines,
        },
        Ware: {
          __resolveReference: ({ code }: Coded) => wareBy(code),
          supplier: ({ code }: Coded) => ({ id: wareAt(numberOf(code)).supplierId }),
        },
      };
    }
    case "stores":
      return {
        Ware: {
          stock: ({ code }: Coded) => wareAt(numberOf(code)).stock,
          label: ({ code }: Coded) => wareAt(numberOf(code)).label,
          freight: ({ price, weight }: { price: number; weight: number }) => freightOf(price, weight),
          depot: ({ code }: Coded) => depotOf(code),
        },
      };
    case "notes":
      return {
        Trader: {
          notes: ({ id }: Keyed) => notesAbout(traderAt(numberOf(id))).map(noteShape),
          rota: (trader: { id: string; licence: string }) => rotaOf(trader).map(noteShape),
        },
        Ware: { remarks: ({ code }: Coded) => wareAt(numberOf(code)).remarks },
        Note: { __resolveReference: (note: object) => note },
      };
  }
}

/** Heavy wares that cost little are carried at half the price. */
export function freightOf(price: number, weight: number): number {
  return price < 300 ? Math.ceil(weight / 2) : weight;
}

function depotOf(code: string): { readonly name: string; readonly keeper: Keyed } {
  const { name, keeperId } = wareAt(numberOf(code)).depot;
  return { name, keeper: { id: keeperId } };
}

function noteShape({ wareCode, ...note }: ReturnType<typeof notesAbout>[number]): object {
  return { ...note, ware: { code: wareCode } };
}

/**
 * Answers an operation as if one department held everything: graphql-js executes it on one plain schema without any federation.
 * It is the measure of what a gateway's answer must be.
 */
export async function answerAlone(request: GraphqlRequest): Promise<unknown> {
  const schema = monolithSchema();
  const { data, errors } = await execute({ schema, document: parse(request.query), variableValues: request.variables ?? {} });
  if (errors !== undefined) throw errors[0] ?? new Error("The operation failed.");
  return JSON.parse(JSON.stringify(data));
}

function monolithSchema(): GraphQLSchema {
  const fields = new Map<string, ObjectTypeDefinitionNode>();
  for (const name of departmentNames) {
    for (const definition of parse(plainSdlOf(name)).definitions) {
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
      const earlier = fields.get(definition.name.value)?.fields ?? [];
      const own = (definition.fields ?? []).filter((field) => !earlier.some((one) => one.name.value === field.name.value));
      const bare = [...earlier, ...own].map((field) => ({ ...field, directives: [] }));
      fields.set(definition.name.value, { ...definition, directives: [], fields: bare });
    }
  }
  const schema = buildASTSchema({ kind: Kind.DOCUMENT, definitions: [...fields.values()] });
  attachResolvers(schema);
  return schema;
}

function attachResolvers(schema: GraphQLSchema): void {
  const whole: Resolvers = {
    Query: { ...resolversOf("traders")["Query"], ...resolversOf("wares")["Query"] },
    Trader: {
      notes: ({ id }: Keyed) => aloneNotes(notesAbout(traderAt(numberOf(id)))),
      rota: (trader: Keyed) => aloneNotes(rotaOf(traderAt(numberOf(trader.id)))),
    },
    Ware: {
      supplier: ({ code }: Coded) => traderAt(numberOf(wareAt(numberOf(code)).supplierId)),
      freight: ({ price, weight }: { price: number; weight: number }) => freightOf(price, weight),
      depot: ({ code }: Coded) => ({ ...depotOf(code), keeper: traderAt(numberOf(depotOf(code).keeper.id)) }),
    },
  };
  for (const [typeName, resolvers] of Object.entries(whole)) {
    const type = schema.getType(typeName);
    if (type === undefined || !("getFields" in type)) throw new Error(`The graph has no type ${typeName} with fields.`);
    const fields = type.getFields();
    for (const [name, resolve] of Object.entries(resolvers)) {
      const field = fields[name];
      if (field !== undefined) Object.assign(field, { resolve });
    }
  }
}

function aloneNotes(notes: ReturnType<typeof notesAbout>): object[] {
  return notes.map(({ wareCode, ...note }) => ({ ...note, ware: wareAt(numberOf(wareCode)) }));
}
