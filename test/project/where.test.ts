import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Comparison, Condition, Decision } from "../../policies/engine/words.ts";
import { startFederation, type TestFederation } from "../federation/harness.ts";
import { agreementRef as by, entitle } from "./entitle.ts";

interface Row {
  readonly ref: string;
  readonly name: string;
  readonly income: number | null | Error;
  readonly consents: readonly (Readonly<Record<string, unknown>> | null)[] | null | Error;
  readonly born?: string | null;
  readonly tags?: readonly (string | null)[] | null;
  readonly home?: { readonly town: { readonly name: string | null } | null } | null;
  /** The friend's `ref`. */
  readonly friend?: string;
}

const granted = [{ purpose: "grant", until: "2027-01-01" }];

const rows: readonly Row[] = [
  { ref: "1", name: "Chan", income: 100, consents: granted, born: "1990-05-01", tags: ["x", "y"], home: { town: { name: "Sha Tin" } } },
  {
    ref: "2",
    name: "Lee",
    income: 200,
    consents: [{ purpose: "other", until: "2027-01-01" }],
    born: "2020-05-01",
    tags: ["z"],
    home: null,
  },
  { ref: "3", name: "Wong", income: 300, consents: null, born: null, tags: null, home: { town: null } },
  { ref: "4", name: "Ng", income: 400, consents: [{ purpose: "grant", until: "2026-11-24" }, null], home: { town: { name: null } } },
];

let people = rows;
let federation: TestFederation;

const find = ({ ref }: { readonly ref: string }): Row | undefined => people.find((row) => row.ref === ref);

function valueOf<Value>(value: Value | Error): Value {
  if (value instanceof Error) throw value;
  return value;
}

beforeAll(async () => {
  federation = await startFederation({
    registry: {
      sdl: `type Query { people: [Person!] person(ref: ID!): Person owner: Owner named: Named }
        union Owner = Person | Firm
        interface Named { name: String }
        type Firm { title: String }
        type Person implements Named @key(fields: "ref") { ref: ID! name: String born: Date tags: [String] home: Home friend: Person }
        type Home { town: Town }
        type Town { name: String }
        scalar Date`,
      resolvers: {
        Query: {
          people: () => people,
          person: (_root: unknown, { ref }: { ref: string }) => people.find((row) => row.ref === ref),
          owner: () => ({ __typename: "Person", ...people[1] }),
          named: () => ({ __typename: "Person", ...people[0] }),
        },
        Person: { __resolveReference: find, friend: ({ friend }: Row) => rows.find(({ ref }) => ref === friend) },
      },
    },
    taxes: {
      sdl: `type Person @key(fields: "ref") { ref: ID! income: Int bands: [Band] } type Band { from: Int }`,
      resolvers: {
        Person: {
          __resolveReference: find,
          income: (row: Row) => valueOf(row.income),
          bands: (row: Row) => [{ from: valueOf(row.income) }],
        },
      },
    },
    consent: {
      sdl: `type Person @key(fields: "ref") { ref: ID! consents: [Consent] } type Consent { purpose: String until: Date } scalar Date`,
      resolvers: { Person: { __resolveReference: find, consents: (row: Row) => valueOf(row.consents) } },
    },
  });
});
afterAll(async () => federation.close());
beforeEach(() => {
  people = rows;
});

function condition(path: string, comparison: Comparison): Condition {
  return { type: "Person", path: path.split("."), comparison };
}

const is = (value: string): Comparison => ({ kind: "is", operands: [{ kind: "literal", value }] });

const consented = condition("consents", {
  kind: "some",
  conditions: [
    { type: "", path: ["purpose"], comparison: is("grant") },
    { type: "", path: ["until"], comparison: { kind: "from", operand: { kind: "literal", value: "2026-11-25" } } },
  ],
});

function ask(operation: string, ...where: readonly Condition[]): ReturnType<TestFederation["ask"]> {
  return askWith(operation, { "Person.income": { kind: "allow", by, where }, "Person.bands": { kind: "allow", by, where } });
}

function askWith(operation: string, special: Readonly<Record<string, Decision>>): ReturnType<TestFederation["ask"]> {
  return federation.ask(operation, {}, entitle(federation.apiSchema, special));
}

async function incomesUnder(...where: readonly Condition[]): Promise<unknown> {
  const { data, problems } = await ask("{ people { income } }", ...where);
  expect(problems).toEqual([]);
  return (data as { people: { income: unknown }[] }).people.map(({ income }) => income);
}

describe("a field under a condition that another department answers", () => {
  test("is null, without an error, where it doesn't hold or can't be looked at", async () => {
    expect(await incomesUnder(consented)).toEqual([100, null, null, null]);
  });

  test("is judged under an alias, in fragments, behind a union and below lists, and its condition is in no answer", async () => {
    const { data, problems } = await ask(
      `{ a: people { pay: income ...F } owner { ... on Person { income } ... on Firm { title } } person(ref: "1") { ... { income } } }
       fragment F on Person { bands { from } }`,
      consented,
    );
    expect(problems).toEqual([]);
    expect(data).toEqual({
      a: [{ pay: 100, bands: [{ from: 100 }] }, ...[2, 3, 4].map(() => ({ pay: null, bands: null }))],
      owner: { income: null },
      person: { income: 100 },
    });
  });

  test("is masked where it is released, and nothing of it leaves elsewhere", async () => {
    const mask = { kind: "band", bands: [{ name: "low", from: undefined, until: 1_000 }] } as const;
    const { data } = await askWith("{ people { income } }", { "Person.income": { kind: "mask", mask, by, where: [consented] } });
    expect(data).toEqual({ people: [{ income: "low" }, { income: null }, { income: null }, { income: null }] });
  });

  test("under an interface that another type shares stays withheld", async () => {
    const special: Record<string, Decision> = {
      "Person.name": { kind: "allow", by, where: [consented] },
      "Named.name": { kind: "deny", reason: "POLYMORPHIC_PARTIAL" },
    };
    expect((await askWith("{ named { name } people { ref } }", special)).data).toMatchObject({ named: { name: null } });
    expect((await askWith("{ named { ... on Person { name } } }", special)).data).toEqual({ named: { name: "Chan" } });
  });
});

describe("comparisons", () => {
  test.each<[string, Comparison, unknown[]]>([
    ["name", is("Lee"), [null, 200, null, null]],
    ["name", { kind: "is", operands: [{ kind: "case" }, { kind: "literal", value: "Ng" }] }, [null, null, null, 400]],
    ["ref", is("3"), [null, null, 300, null]],
    ["tags", { kind: "has", operands: [{ kind: "literal", value: "y" }] }, [100, null, null, null]],
    ["born", { kind: "until", operand: { kind: "literal", value: "2000-01-01" } }, [100, null, null, null]],
    ["born", { kind: "until", operand: { kind: "today" } }, [100, 200, null, null]],
    ["born", { kind: "from", operand: { kind: "literal", value: "2000-01-01" } }, [null, 200, null, null]],
    ["home.town.name", is("Sha Tin"), [100, null, null, null]],
  ])("%s %o", async (path, comparison, expected) => {
    expect(await incomesUnder(condition(path, comparison))).toEqual(expected);
  });

  test("of several conditions all must hold", async () => {
    expect(await incomesUnder(consented, condition("name", is("Lee")))).toEqual([null, null, null, null]);
    expect(await incomesUnder(consented, condition("name", is("Chan")))).toEqual([100, null, null, null]);
  });
});

describe("what goes wrong", () => {
  const income = (at: number, value: Row["income"]): void => {
    people = rows.map((row, index) => (index === at ? { ...row, income: value } : row));
  };
  const paths = async (): Promise<string[]> => {
    const { problems } = await ask("{ people { name income } }", consented);
    return problems.map(({ path }) => path.join("/"));
  };

  test("with a value that is kept back is not told, and with one that is released it is", async () => {
    income(1, new Error("secret"));
    expect(await paths()).toEqual([]);
    income(0, new Error("secret"));
    expect(await paths()).toEqual(["people/@/income"]);
  });

  test("with what the condition looks at on one object is not told, and keeps the value back", async () => {
    people = rows.map((row, index) => (index === 0 ? { ...row, consents: new Error("secret") } : row));
    expect(await incomesUnder(consented)).toEqual([null, null, null, null]);
  });

  test("inside an object that is null is told at the object, as what failed there may be kept back", async () => {
    const lee = { type: "Person", path: ["name"], comparison: is("Lee") };
    const problemsOf = async (...failed: readonly string[]): Promise<unknown> => {
      const errors = failed.map((field) => ({ message: "secret", path: ["people", 0, field] }));
      federation.disturb("registry", () => ({ text: JSON.stringify({ data: { people: [null] }, errors }) }));
      const { problems } = await askWith("{ people { name born tags } }", { "Person.born": { kind: "allow", by, where: [lee] } });
      federation.disturb("registry", undefined);
      return problems;
    };
    const told = [{ code: "SUBGRAPH_ERROR", path: ["people", "@"], subgraph: "registry" }];
    expect(await problemsOf("tags")).toEqual(told);
    expect(await problemsOf("born", "tags")).toEqual(told);
  });

  test("with the department of the condition as a whole is told at the objects", async () => {
    federation.disturb("consent", () => ({ status: 503, text: "down" }));
    const { data, problems } = await ask("{ people { name income } }", consented);
    federation.disturb("consent", undefined);
    expect(data).toMatchObject({ people: rows.map(({ name }) => ({ name, income: null })) });
    expect(problems).toEqual([{ code: "SUBGRAPH_UNAVAILABLE", path: ["people", "@"], subgraph: "consent" }]);
  });

  test.each(["taxes", "consent"])(
    "with the department %s as a whole is not told where it was asked for objects that are kept back alone",
    async (department) => {
      const lee = { type: "Person", path: ["name"], comparison: is("Lee") };
      const special: Readonly<Record<string, Decision>> = {
        "Person.friend": { kind: "allow", by, where: [lee] },
        "Person.income": { kind: "allow", by, where: [consented] },
      };
      const seenOf = async (ref: string, friend: string | undefined): Promise<unknown> => {
        people = rows.map((row) => (row.ref === ref && friend !== undefined ? { ...row, friend } : row));
        federation.disturb(department, () => ({ status: 503, text: "down" }));
        const { data, problems } = await askWith(`{ person(ref: "${ref}") { name friend { income } } }`, special);
        federation.disturb(department, undefined);
        return { data, codes: problems.map(({ code, path }) => `${path.join("/")} ${code}`) };
      };
      const nothing = { data: { person: { name: "Chan", friend: null } }, codes: [] };
      expect(await seenOf("1", undefined)).toEqual(nothing);
      expect(await seenOf("1", "3")).toEqual(nothing);
      expect(await seenOf("2", "3")).toEqual({
        data: { person: { name: "Lee", friend: { income: null } } },
        codes: ["person/friend SUBGRAPH_UNAVAILABLE"],
      });
    },
  );
});

test("a caller may not use the hub's own keys", async () => {
  await expect(ask("{ people { _hub_consents: name income } }", consented)).rejects.toMatchObject({ code: "OPERATION_NOT_SUPPORTED" });
});
