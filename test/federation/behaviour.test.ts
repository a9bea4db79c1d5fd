import { afterEach, expect, test } from "vitest";
import { startFederation, type TestFederation } from "./harness.ts";

const open: TestFederation[] = [];

async function federate(subgraphs: Parameters<typeof startFederation>[0]): Promise<TestFederation> {
  const federation = await startFederation(subgraphs);
  open.push(federation);
  return federation;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((federation) => federation.close()));
});

const products = [
  { id: "1", price: { USD: 100, EUR: 90 }, w: 2 },
  { id: "2", price: { USD: 7, EUR: 6 }, w: null },
];

async function shipping(): Promise<TestFederation> {
  const find = (id: string) => products.find((product) => product.id === id);
  return federate({
    a: {
      sdl: `type Query { products: [Product] } type Product @key(fields: "id") { id: ID! price(cur: String): Int dims: Dims } type Dims @shareable { w: Int }`,
      resolvers: {
        Query: { products: () => products },
        Product: {
          __resolveReference: ({ id }: { id: string }) => find(id),
          price: (product: (typeof products)[number], { cur }: { cur: "USD" | "EUR" }) => product.price[cur],
          dims: ({ w }: { w: number | null }) => ({ w }),
        },
      },
    },
    b: {
      sdl: `type Product @key(fields: "id") { id: ID! price(cur: String): Int @external dims: Dims @external ship: Int @requires(fields: "price(cur: \\"USD\\") dims { w }") boxes: Dims } type Dims @shareable { w: Int }`,
      resolvers: {
        Product: {
          ship: ({ price, dims }: { price: number; dims: { w: number | null } | null }) => price * 10 + (dims?.w ?? 0),
          boxes: ({ id }: { id: string }) => ({ w: Number(id) * 1000 }),
        },
      },
    },
  });
}

const asked: [string, unknown][] = [
  [
    `{ products { price(cur: "EUR") ship } }`,
    [
      { price: 90, ship: 1002 },
      { price: 6, ship: 70 },
    ],
  ],
  [
    `{ products { price: id ship } }`,
    [
      { price: "1", ship: 1002 },
      { price: "2", ship: 70 },
    ],
  ],
  [
    `{ products { ship: id x: ship } }`,
    [
      { ship: "1", x: 1002 },
      { ship: "2", x: 70 },
    ],
  ],
  [
    `{ products { id: price(cur: "EUR") ship } }`,
    [
      { id: 90, ship: 1002 },
      { id: 6, ship: 70 },
    ],
  ],
  [`{ products { id: ship } }`, [{ id: 1002 }, { id: 70 }]],
  [
    `{ products { id: ship price: dims { w } } }`,
    [
      { id: 1002, price: { w: 2 } },
      { id: 70, price: { w: null } },
    ],
  ],
  [
    `{ products { dims: boxes { w } ship } }`,
    [
      { dims: { w: 1000 }, ship: 1002 },
      { dims: { w: 2000 }, ship: 70 },
    ],
  ],
  [
    `{ products { boxes: dims { w } dims: boxes { w } ship } }`,
    [
      { boxes: { w: 2 }, dims: { w: 1000 }, ship: 1002 },
      { boxes: { w: null }, dims: { w: 2000 }, ship: 70 },
    ],
  ],
  [
    `{ products { constructor: id __proto__: ship toString: price(cur: "USD") } }`,
    JSON.parse(`[{"constructor":"1","__proto__":1002,"toString":100},{"constructor":"2","__proto__":70,"toString":7}]`),
  ],
];
test("a required field with arguments is delivered, whatever the caller aliases", async () => {
  const federation = await shipping();
  for (const [operation, expected] of asked) {
    const { data, problems } = await federation.ask(operation);
    expect(JSON.stringify((data as { products: unknown }).products), operation).toBe(JSON.stringify(expected));
    expect(problems, operation).toEqual([]);
  }
});

const media = [
  { __typename: "Book", id: "b1", title: "Tides", pages: 10 },
  { __typename: "Movie", id: "m1", title: "Ferries", mins: 90 },
];

async function library(): Promise<TestFederation> {
  const find = (id: string) => media.find((item) => item.id === id);
  return federate({
    a: {
      sdl: `type Query { media: [Media] } interface Media @key(fields: "id") { id: ID! title: String }
        type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int } type Movie implements Media @key(fields: "id") { id: ID! title: String mins: Int }`,
      resolvers: {
        Query: { media: () => media },
        Media: {
          __resolveReference: ({ id }: { id: string }) => find(id),
          __resolveType: (item: { __typename: string }) => item.__typename,
        },
        Book: { __resolveReference: ({ id }: { id: string }) => find(id) },
        Movie: { __resolveReference: ({ id }: { id: string }) => find(id) },
      },
    },
    b: {
      sdl: `type Media @interfaceObject @key(fields: "id") { id: ID! reviews: [Review] } type Review { score: Int media: Media } type Query { reviews: [Review] }`,
      resolvers: {
        Query: {
          reviews: () => [
            { score: 5, media: { id: "b1" } },
            { score: 3, media: { id: "m1" } },
            { score: 1, media: { id: "gone" } },
          ],
        },
        Media: { reviews: ({ id }: { id: string }) => [{ score: id.length, media: { id } }] },
      },
    },
  });
}

test("an interface object gives its fields to every implementation, in both directions", async () => {
  const federation = await library();
  const all = await federation.ask(`{ media { __typename id reviews { score media { title } } } }`);
  expect(all.data).toEqual({
    media: [
      { __typename: "Book", id: "b1", reviews: [{ score: 2, media: { title: "Tides" } }] },
      { __typename: "Movie", id: "m1", reviews: [{ score: 2, media: { title: "Ferries" } }] },
    ],
  });
  const back = await federation.ask(
    `{ reviews { score media { __typename id title ... on Book { pages } ... on Movie { mins reviews { score } } } } }`,
  );
  expect(back.data).toEqual({
    reviews: [
      { score: 5, media: { __typename: "Book", id: "b1", title: "Tides", pages: 10 } },
      { score: 3, media: { __typename: "Movie", id: "m1", title: "Ferries", mins: 90, reviews: [{ score: 2 }] } },
      { score: 1, media: null },
    ],
  });
  const narrowed = await federation.ask(`{ media { ... on Book { reviews { score } } } }`);
  expect(narrowed.data).toEqual({ media: [{ reviews: [{ score: 2 }] }, {}] });
});

test("members of a union keep fields under one key apart", async () => {
  const federation = await federate({
    a: {
      sdl: `type Query { search: [S] } union S = A | B type A @key(fields: "id") { id: ID! f: Int } type B @key(fields: "id") { id: ID! f: String g: Int }`,
      resolvers: {
        Query: {
          search: () => [
            { __typename: "A", id: "1", f: 1 },
            { __typename: "B", id: "2", f: "two", g: 3 },
          ],
        },
      },
    },
    b: {
      sdl: `type A @key(fields: "id") { id: ID! extra: Int } type B @key(fields: "id") { id: ID! more: Int }`,
      resolvers: { A: { extra: () => 7 }, B: { more: () => 8 } },
    },
  });
  const { data, problems } = await federation.ask(`{ search { ... on A { x: f extra } ... on B { x: g more } } }`);
  expect(data).toEqual({
    search: [
      { x: 1, extra: 7 },
      { x: 3, more: 8 },
    ],
  });
  expect(problems).toEqual([]);
});

test("a value type that two subgraphs hold in parts is joined without merging replies", async () => {
  const federation = await federate({
    a: {
      sdl: `type Query { me: U @shareable } type U @key(fields: "id") { id: ID! p: [P] @shareable } type P @shareable { x: Int z: Int }`,
      resolvers: { Query: { me: () => ({ id: "1", p: [{ x: 1 }, { x: 2 }] }) } },
    },
    b: {
      sdl: `type Query { me: U @shareable } type U @key(fields: "id") { id: ID! p: [P] @shareable n: Int } type P @shareable { y: Int z: Int }`,
      resolvers: { Query: { me: () => ({ id: "1", n: 4, p: [{ y: 10 }, { y: 20 }] }) } },
    },
  });
  const { data } = await federation.ask(
    `query($no: Boolean = false, $yes: Boolean = true) { me { p @skip(if: $no) { x y } ... @include(if: $yes) { n } id @include(if: $no) } }`,
    { no: false, yes: true },
  );
  expect(data).toEqual({
    me: {
      p: [
        { x: 1, y: 10 },
        { x: 2, y: 20 },
      ],
      n: 4,
    },
  });
});

test("mutations run in the order in which they are written", async () => {
  const log: string[] = [];
  const federation = await federate({
    a: {
      sdl: `type Query { q: Int } type Mutation { addA(x: Int): P } type P @key(fields: "id") { id: ID! a: Int }`,
      resolvers: {
        Mutation: {
          addA: (_: unknown, { x }: { x: number }) => {
            log.push(`a${x}`);
            return { id: String(x), a: x };
          },
        },
        P: { __resolveReference: ({ id }: { id: string }) => ({ id, a: Number(id) }) },
      },
    },
    b: {
      sdl: `type Mutation { addB(x: Int): P } type P @key(fields: "id") { id: ID! b: Int }`,
      resolvers: {
        Mutation: {
          addB: (_: unknown, { x }: { x: number }) => {
            log.push(`b${x}`);
            return { id: String(x), b: x };
          },
        },
        P: { b: ({ id }: { id: string }) => Number(id) * 10 },
      },
    },
  });
  const { data } = await federation.ask(
    `mutation($n: Int) { one: addA(x: 1) { a b } addB(x: $n) { a b } two: addA(x: 3) { __typename a } }`,
    { n: 2 },
  );
  expect(data).toEqual({ one: { a: 1, b: 10 }, addB: { a: 2, b: 20 }, two: { __typename: "P", a: 3 } });
  expect(log).toEqual(["a1", "b2", "a3"]);
});
