/** A property as the Registry sends it. Described in openapi.yaml. */
export interface RegisteredProperty {
  readonly prn: string;
  readonly address: string;
  readonly district: string;
  readonly use: "DOMESTIC" | "COMMERCIAL" | "INDUSTRIAL" | "PARKING";
  readonly owners: readonly { readonly ref: string; readonly share: string }[];
  readonly considerationCents: string | null;
}

/** The Registry's book: properties by number and by owner. */
export interface Book {
  /** The property, or undefined when there is none. */
  find(prn: string): RegisteredProperty | undefined;
  /** The properties of an owner, by number; empty when there is none. */
  ownedBy(ref: string): readonly RegisteredProperty[];
}

/** Orders properties by number and by owner. */
export function createBook(properties: Iterable<RegisteredProperty>): Book {
  const byNumber = new Map<string, RegisteredProperty>();
  const byOwner = new Map<string, RegisteredProperty[]>();
  for (const property of properties) {
    byNumber.set(property.prn, property);
    for (const { ref } of property.owners) {
      const owned = byOwner.get(ref);
      if (owned === undefined) byOwner.set(ref, [property]);
      else owned.push(property);
    }
  }
  for (const owned of byOwner.values()) owned.sort((a, b) => (a.prn < b.prn ? -1 : 1));
  return { find: (prn) => byNumber.get(prn), ownedBy: (ref) => byOwner.get(ref) ?? [] };
}
