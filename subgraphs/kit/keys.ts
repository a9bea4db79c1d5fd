/** Whether a value has the form of the hub's reference of a person; other texts name nobody and need not be looked for. */
export function isPersonRef(value: unknown): value is string {
  return typeof value === "string" && /^P[0-9A-Z]{8}$/.test(value);
}

/** Whether a value has the form of a district's letter code. */
export function isDistrictCode(value: unknown): value is string {
  return typeof value === "string" && /^[A-HJ-NP-T]$/.test(value);
}

/** Whether a value has the form of a company's unique business identifier: 8 digits. */
export function isUbi(value: unknown): value is string {
  return typeof value === "string" && /^\d{8}$/.test(value);
}

/** The reference under which a company is a party, beside persons: the letter C and its unique business identifier. */
export function companyRefOf(ubi: string): string {
  return `C${ubi}`;
}

/** The unique business identifier of a company's reference; undefined for the reference of anybody else. */
export function ubiOf(ref: string): string | undefined {
  return /^C\d{8}$/.test(ref) ? ref.slice(1) : undefined;
}
