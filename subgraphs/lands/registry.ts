import { z } from "zod";
import { SourceError } from "../kit/errors.ts";
import type { RestSource } from "../kit/rest.ts";

/** A property as the Registry knows it. */
export type RegisteredProperty = z.output<typeof property>;

/** What the department asks the Registry, for at most `keysMax` keys at a time. The answers are in the order of the keys. */
export interface Registry {
  /** Whether each person owns domestic property. */
  readonly ownsDomestic: (refs: readonly string[]) => Promise<readonly (boolean | Error)[]>;
  /** The properties of each person; empty for whoever owns none. */
  readonly ownedBy: (refs: readonly string[]) => Promise<readonly (readonly RegisteredProperty[] | Error)[]>;
  /** The property of each number; null where there is none. */
  readonly properties: (prns: readonly string[]) => Promise<readonly (RegisteredProperty | null)[]>;
}

/** What messages call the service. */
export const sourceName = "the Land Registry's service";

/** The most keys that the Registry takes at a time; see demo/registry/openapi.yaml. */
export const keysMax = 1000;

/**
 * The Registry behind its REST service. Members of a reply that nobody asked for are dropped.
 * Every answer rejects with a SourceError when the service does not answer in time and as described.
 */
export function createRegistryClient(source: RestSource): Registry {
  return {
    ownsDomestic: async (refs) => {
      const { owners } = await ask(source, { path: "/v1/owners/domestic", body: { refs }, shape: domesticReply });
      return inOrder(refs, new Map(owners.map(({ ref, ownsDomestic }) => [ref, ownsDomestic])));
    },
    ownedBy: async (refs) => {
      const { owners } = await ask(source, { path: "/v1/owners/search", body: { refs }, shape: ownersReply });
      return inOrder(refs, new Map(owners.map(({ ref, properties }) => [ref, properties])));
    },
    properties: async (prns) => {
      const { properties } = await ask(source, { path: "/v1/properties/search", body: { prns }, shape: propertiesReply });
      const found = new Map(properties.map((each) => [each.prn, each]));
      return prns.map((prn) => found.get(prn) ?? null);
    },
  };
}

const property = z.object({
  prn: z.string().regex(/^\d{8}$/),
  address: z.string(),
  district: z.string().regex(/^[A-HJ-NP-T]$/),
  use: z.enum(["DOMESTIC", "COMMERCIAL", "INDUSTRIAL", "PARKING"]),
  owners: z.array(z.object({ ref: z.string().min(1), share: z.string().regex(/^[1-9]\d{0,3}\/[1-9]\d{0,3}$/) })),
  considerationCents: z
    .string()
    .regex(/^(0|[1-9]\d{0,14})$/)
    .nullable(),
});

const domesticReply = z.object({ owners: z.array(z.object({ ref: z.string(), ownsDomestic: z.boolean() })).max(keysMax) });
const ownersReply = z.object({ owners: z.array(z.object({ ref: z.string(), properties: z.array(property) })).max(keysMax) });
const propertiesReply = z.object({ properties: z.array(property).max(keysMax) });

interface Question<Reply> {
  readonly path: string;
  readonly body: unknown;
  readonly shape: z.ZodType<Reply>;
}

async function ask<Reply>(source: RestSource, question: Question<Reply>): Promise<Reply> {
  const reply = await source.read(question);
  if (reply === undefined) throw new SourceError("SOURCE_INVALID_REPLY", sourceName);
  return reply;
}

/** A person missing from the reply is a fault of the Registry: to read it as "owns nothing" would be a wrong fact. */
function inOrder<T>(refs: readonly string[], found: ReadonlyMap<string, T>): readonly (T | Error)[] {
  return refs.map(
    (ref) => found.get(ref) ?? new SourceError("SOURCE_INVALID_REPLY", sourceName, { facts: { fault: "a person is missing" } }),
  );
}
