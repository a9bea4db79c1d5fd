import { afterEach, describe, expect, test } from "vitest";
import { createBook, type RegisteredProperty } from "../../demo/registry/book.ts";
import { createRegistry } from "../../demo/registry/server.ts";
import { createRestSource } from "../../subgraphs/kit/rest.ts";
import { createLands } from "../../subgraphs/lands/department.ts";
import { type Ask, createAsk, entitiesOf, startUpstream, type Upstream, upstreamFaults } from "./ask.ts";

const flat: RegisteredProperty = {
  prn: "10000001",
  address: "Flat A, 1/F, 1 Test Street, Sha Tin",
  district: "R",
  use: "DOMESTIC",
  owners: [
    { ref: "p1", share: "1/2" },
    { ref: "p2", share: "1/2" },
  ],
  considerationCents: "950000000000",
};
const carSpace: RegisteredProperty = {
  ...flat,
  prn: "10000002",
  use: "PARKING",
  owners: [{ ref: "p3", share: "1/1" }],
  considerationCents: null,
};
const shop: RegisteredProperty = { ...carSpace, prn: "10000003", use: "COMMERCIAL", district: "A", owners: [{ ref: "p1", share: "1/1" }] };

const office: RegisteredProperty = {
  ...shop,
  prn: "10000004",
  owners: [
    { ref: "C70000123", share: "1/2" },
    { ref: "p2", share: "1/2" },
  ],
};

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

interface Started {
  readonly ask: Ask;
  readonly calls: string[];
}

async function startOver(upstream: Upstream, timeoutMs = 5000): Promise<Started> {
  const options = { name: "the Land Registry's service", baseUrl: upstream.url, timeoutMs, bodyBytesMax: 4 * 1024 * 1024, retriesMax: 0 };
  const department = createLands(createRestSource(options));
  closing.push(async () => {
    await department.close();
    await upstream.close();
  });
  return { ask: await createAsk(department), calls: upstream.calls };
}

/** The demonstration's Registry over three properties, with its requests counted. */
async function startRegistry(): Promise<Started> {
  const registry = createRegistry(createBook([shop, flat, carSpace, office]));
  await registry.ready();
  return startOver(await startUpstream((request, reply) => registry.routing(request, reply)));
}

/** A Registry that answers everything with one body. */
async function startReply(body: unknown): Promise<Started> {
  return startOver(
    await startUpstream((_request, reply) => reply.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body))),
  );
}

function people(...refs: readonly unknown[]): readonly object[] {
  return refs.map((ref) => ({ __typename: "Person", ref }));
}

describe("a service that goes wrong", () => {
  const message = (fault: string) => `The Land Registry's service ${fault}`;
  const owns = entitiesOf("... on Person { ref ownsDomesticProperty }", people("p1", "p9"));

  test.each(upstreamFaults)("which %s makes ownership unknown with an error, never false", async (_name, fault, answer) => {
    const { ask } = await startOver(await startUpstream((_request, reply) => answer(reply)), 300);
    const { data, errors } = await ask(...owns);
    expect(data._entities).toEqual([
      { ref: "p1", ownsDomesticProperty: null },
      { ref: "p9", ownsDomesticProperty: null },
    ]);
    expect(errors).toEqual(["0", "1"].map((index) => ({ path: `_entities.${index}.ownsDomesticProperty`, message: message(fault) })));
  });

  test("which is down fails each field that needs it", async () => {
    const upstream = await startUpstream(() => undefined);
    const { ask } = await startOver(upstream);
    await upstream.close();
    closing.length = 0;
    const [entities, variables] = entitiesOf("... on Person { ref properties { prn } }", people("p1"));
    const { data, errors } = await ask(entities.replace("_entities", 'property(prn: "10000001") { prn } _entities'), variables);
    expect(data).toEqual({ property: null, _entities: [{ ref: "p1", properties: null }] });
    expect(errors.map(({ message: text }) => text)).toEqual([message("can't be reached."), message("can't be reached.")]);
  });

  test("which leaves out a person fails that person only", async () => {
    const { ask } = await startReply({ owners: [{ ref: "p9", ownsDomestic: false }] });
    const { data, errors } = await ask(...owns);
    expect(data._entities.map((person: { ownsDomesticProperty: boolean | null }) => person.ownsDomesticProperty)).toEqual([null, false]);
    expect(errors).toEqual([{ path: "_entities.0.ownsDomesticProperty", message: message("sent an answer that can't be read.") }]);
  });

  test.each([
    { prn: "1" },
    { district: "I" },
    { use: "CASTLE" },
    { considerationCents: 950 },
    { considerationCents: "9.5" },
    { owners: [{ ref: "p1", share: "half" }] },
    { address: null },
  ])("which sends a property with %j is refused", async (wrong) => {
    const { ask } = await startReply({ properties: [{ ...flat, ...wrong }] });
    const { data, errors } = await ask('{ property(prn: "10000001") { prn } }');
    expect([data, errors]).toEqual([{ property: null }, [{ path: "property", message: message("sent an answer that can't be read.") }]]);
  });

  test("which sends more than was asked for adds nothing to the answer", async () => {
    const { ask } = await startReply({ properties: [{ ...flat, hkid: "X", ["__proto__"]: { polluted: true } }, carSpace], note: "more" });
    expect(await ask('{ property(prn: "10000001") { prn consideration } }')).toEqual({
      data: { property: { prn: "10000001", consideration: "950000000000" } },
      errors: [],
    });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("persons", () => {
  test("without property own none, with shares of a flat own domestic property, with a car space don't", async () => {
    const { ask } = await startRegistry();
    const { data, errors } = await ask(
      ...entitiesOf("... on Person { ownsDomesticProperty properties { prn } }", people("p9", "p1", "p2", "p3")),
    );
    expect(errors).toEqual([]);
    expect(data._entities).toEqual([
      { ownsDomesticProperty: false, properties: [] },
      { ownsDomesticProperty: true, properties: [{ prn: "10000001" }, { prn: "10000003" }] },
      { ownsDomesticProperty: true, properties: [{ prn: "10000001" }, { prn: "10000004" }] },
      { ownsDomesticProperty: false, properties: [{ prn: "10000002" }] },
    ]);
  });

  test("1,000 representations make one call for ownership and one for properties", async () => {
    const { ask, calls } = await startRegistry();
    const refs = Array.from({ length: 1000 }, (_, index) => `p${index}`);
    const { data, errors } = await ask(...entitiesOf("... on Person { ref ownsDomesticProperty properties { prn } }", people(...refs)));
    expect(errors).toEqual([]);
    expect(data._entities.map(({ ref }: { ref: string }) => ref)).toEqual(refs);
    expect(data._entities.filter((person: { ownsDomesticProperty: boolean }) => person.ownsDomesticProperty)).toHaveLength(2);
    expect(calls.toSorted()).toEqual(["POST /v1/owners/domestic", "POST /v1/owners/search"]);
  });

  test("more than the Registry takes at a time are asked for in as few calls as it allows", async () => {
    const { ask, calls } = await startRegistry();
    const refs = Array.from({ length: 2001 }, (_, index) => `p${index}`);
    const { errors } = await ask(...entitiesOf("... on Person { ownsDomesticProperty }", people(...refs)));
    expect(errors).toEqual([]);
    expect(calls).toHaveLength(3);
  });

  test("who is asked for twice is asked of the Registry once, and a question for ownership asks for no property", async () => {
    const { ask, calls } = await startRegistry();
    const { data } = await ask(...entitiesOf("... on Person { ownsDomesticProperty }", people("p1", "p1")));
    expect(data._entities).toEqual([{ ownsDomesticProperty: true }, { ownsDomesticProperty: true }]);
    expect(calls).toEqual(["POST /v1/owners/domestic"]);
  });

  test("references that can't be any are null and don't spoil the others' call", async () => {
    const { ask } = await startRegistry();
    const { data, errors } = await ask(...entitiesOf("... on Person { ownsDomesticProperty }", people("", 7, "x".repeat(65), null, "p1")));
    expect([data._entities, errors]).toEqual([[null, null, null, null, { ownsDomesticProperty: true }], []]);
  });
});

describe("companies", () => {
  test("own property under the letter C and their identifier, alone or together with persons, in one call", async () => {
    const { ask, calls } = await startRegistry();
    const { data, errors } = await ask(
      ...entitiesOf(
        "... on Company { ubi ref properties { prn owners { share party { __typename ref } } } }",
        ["70000123", "70000124", "p1", null].map((ubi) => ({ __typename: "Company", ubi })),
      ),
    );
    expect(errors).toEqual([]);
    const owners = [
      { share: "1/2", party: { __typename: "Company", ref: "C70000123" } },
      { share: "1/2", party: { __typename: "Person", ref: "p2" } },
    ];
    expect(data._entities).toEqual([
      { ubi: "70000123", ref: "C70000123", properties: [{ prn: "10000004", owners }] },
      { ubi: "70000124", ref: "C70000124", properties: [] },
      null,
      null,
    ]);
    expect(calls).toEqual(["POST /v1/owners/search"]);
  });

  test("among the owners of a property are companies, with what is known of them here", async () => {
    const { ask } = await startRegistry();
    const { data, errors } = await ask(
      '{ property(prn: "10000004") { owners { party { ... on Company { ubi properties { prn } } ... on Person { ownsDomesticProperty } } } } }',
    );
    expect(errors).toEqual([]);
    expect(data.property.owners.map(({ party }: { readonly party: object }) => party)).toEqual([
      { ubi: "70000123", properties: [{ prn: "10000004" }] },
      { ownsDomesticProperty: true },
    ]);
  });
});

describe("properties", () => {
  test("numbers that are none or unknown are null", async () => {
    const { ask, calls } = await startRegistry();
    expect(
      await ask('{ a: property(prn: "1") { prn } b: property(prn: "../health") { prn } c: property(prn: "99999999") { prn } }'),
    ).toEqual({
      data: { a: null, b: null, c: null },
      errors: [],
    });
    expect(calls).toEqual(["POST /v1/properties/search"]);
  });

  test("several numbers and entities of one request make one call", async () => {
    const { ask, calls } = await startRegistry();
    const [entities, variables] = entitiesOf(
      "... on Property { prn use }",
      ["10000003", "99999999", "7"].map((prn) => ({ __typename: "Property", prn })),
    );
    const { data, errors } = await ask(
      entities.replace("_entities", 'a: property(prn: "10000001") { prn } b: property(prn: "10000002") { prn } _entities'),
      variables,
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      a: { prn: "10000001" },
      b: { prn: "10000002" },
      _entities: [{ prn: "10000003", use: "COMMERCIAL" }, null, null],
    });
    expect(calls).toEqual(["POST /v1/properties/search"]);
  });

  test("owners are persons by reference, the district is a code, money is cents as text", async () => {
    const { ask } = await startRegistry();
    const { data, errors } = await ask(`{
      flat: property(prn: "10000001") { address district { code } use consideration owners { share party { __typename ref ... on Person { ownsDomesticProperty } } } }
      carSpace: property(prn: "10000002") { consideration }
    }`);
    expect(errors).toEqual([]);
    expect(data).toEqual({
      flat: {
        address: flat.address,
        district: { code: "R" },
        use: "DOMESTIC",
        consideration: "950000000000",
        owners: ["p1", "p2"].map((ref) => ({ share: "1/2", party: { __typename: "Person", ref, ownsDomesticProperty: true } })),
      },
      carSpace: { consideration: null },
    });
  });
});
