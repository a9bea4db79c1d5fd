import type { Decision } from "../../policies/engine/words.ts";
import type { Catalogue } from "../../schema/catalogue.ts";
import type { EntityKeys } from "../../schema/entities.ts";
import { type JsonObject, type Layers, readOwn } from "../core/joined.ts";
import type { Place } from "../core/layout.ts";
import type { Note } from "./guard.ts";

/** What is counted while answers of an operation are written. */
export interface TallyPlan {
  /** Agreements that limit how many subjects may be read. */
  readonly limited: ReadonlySet<string>;
  /** Whether objects are counted at which personal data of departments meets. */
  readonly isMatching: boolean;
  readonly catalogue: Catalogue;
  readonly keys: EntityKeys;
}

/** The objects of one type at one place of the answer. */
export interface TallySite {
  readonly place: Place | undefined;
  readonly typeName: string;
  /** Coordinate of the field that leads to them; undefined at the root. */
  readonly via: string | undefined;
  /** Names of the fields that are asked of them. */
  readonly fields: readonly string[];
  readonly decisionOf: (field: string) => Decision | undefined;
}

/** Compiles what is counted where a field of such an object is written. @returns Undefined for a field of which nothing is. */
export function compileTally(plan: TallyPlan, site: TallySite): (field: string) => Note | undefined {
  const { typeName } = site;
  const isJoint = plan.isMatching && ownersAt(plan.catalogue, site).size > 1;
  const identify = createIdentify(plan.keys, site);
  return (field) => {
    const decision = site.decisionOf(field);
    if (decision === undefined || decision.kind === "deny" || decision.by === undefined) return undefined;
    const { agreement } = decision.by;
    const isCounted = plan.limited.has(agreement);
    const isMatched = isJoint && isPersonal(plan.catalogue, `${typeName}.${field}`);
    if (!isCounted && !isMatched) return undefined;
    return ({ tally }, layers) => {
      const identity = identify(layers);
      if (isCounted) tally?.add(agreement, typeName, identity);
      if (isMatched) tally?.match(typeName, identity);
    };
  };
}

function ownersAt(catalogue: Catalogue, { typeName, via, fields }: TallySite): ReadonlySet<string> {
  const coordinates = [...fields.map((field) => `${typeName}.${field}`), ...(via === undefined ? [] : [via])];
  return new Set(coordinates.flatMap((coordinate) => personalOwner(catalogue, coordinate) ?? []));
}

function isPersonal(catalogue: Catalogue, coordinate: string): boolean {
  return catalogue.fields.get(coordinate)?.classification.personal === true;
}

/** The department whose personal data a field is; what several departments serve, such as a key, is nobody's alone. */
export function personalOwner(catalogue: Catalogue, coordinate: string): string | undefined {
  const field = catalogue.fields.get(coordinate);
  return field?.classification.personal === true && field.owners.length === 1 ? field.owners[0] : undefined;
}

/**
 * Compiles how objects are told apart: by a key, where a call asks for one; else by the entity that a department sent for them, which is one
 * however often the entity is met; else each is one of its own.
 */
function createIdentify(keys: EntityKeys, { place, typeName }: TallySite): (layers: Layers) => unknown {
  const names = new Set(
    [...keys.values()].flatMap((types) =>
      (types.get(typeName) ?? []).flatMap((key) => (key.length === 1 && key[0]?.below === undefined ? (key[0]?.name ?? []) : [])),
    ),
  );
  const slots = place?.slots ?? [];
  const readers = slots.flatMap((slot) =>
    slot.entries
      .filter((entry) => names.has(entry.fieldName) && entry.child === undefined)
      .map(({ fieldName, sourceKey }) => ({ fieldName, sourceKey, slotIndex: slot.index })),
  );
  const entities = (place?.outer ?? []).map(({ index }) => index);
  return (layers) => {
    for (const { fieldName, sourceKey, slotIndex } of readers) {
      const layer = layers[slotIndex];
      const value = layer === undefined ? undefined : readOwn(layer, sourceKey);
      if (typeof value === "string" || typeof value === "number") return `${fieldName} ${value}`;
    }
    return entityOf(entities, layers) ?? layers.find((layer) => layer !== undefined);
  };
}

function entityOf(slots: readonly number[], layers: Layers): JsonObject | undefined {
  for (const slot of slots) if (layers[slot] !== undefined) return layers[slot];
  return undefined;
}
