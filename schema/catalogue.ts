/** Protective markings, from least to most sensitive. */
export type Level = "OPEN" | "RESTRICTED" | "CONFIDENTIAL";

/** Whether a value names a person by itself, together with others, or not. */
export type Identifier = "DIRECT" | "QUASI" | "NONE";

/** What a department states of one field with `@classified`. */
export interface Classification {
  readonly level: Level;
  readonly personal: boolean;
  readonly identifier: Identifier;
}

/** Who may be served what a cache holds: every bureau, the bureau and purpose for which it was fetched, or nobody. */
export type CacheScope = "PUBLIC" | "PRIVATE" | "NONE";

/** One field of the composed graph, as the catalogue lists it. */
export interface CatalogueField {
  /** Schema coordinate such as `Person.hkid`. */
  readonly coordinate: string;
  /** Departments (subgraph names) that classify the field, sorted. A provider must be one of them. */
  readonly owners: readonly string[];
  readonly classification: Classification;
  /** The field's type as the SDL writes it, such as `[Vehicle!]`. */
  readonly type: string;
  readonly description: string | undefined;
  /** Coordinates of the fields that `@requires` names for this field, nested ones included; sorted, without repeats. */
  readonly requires: readonly string[];
  /** Seconds that a value may be served from a cache; undefined when no department declares it. */
  readonly maxAgeSeconds: number | undefined;
  /** Seconds beyond `maxAgeSeconds` in which an OPEN value may still be served when it can't be had fresh at once. */
  readonly staleSeconds?: number | undefined;
  /** What departments say of sharing the value; the level decides where nothing is said. */
  readonly cacheScope?: CacheScope | undefined;
  /** Formats of the names under which cached values of the field are invalidated. */
  readonly cacheTags?: readonly string[] | undefined;
}

/** Every field of every object type of the composed graph, by coordinate. */
export interface Catalogue {
  readonly fields: ReadonlyMap<string, CatalogueField>;
  /** Coordinates that no department classified, sorted. Must be empty for a governed graph. */
  readonly unclassified: readonly string[];
}
