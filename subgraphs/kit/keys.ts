/** Whether a value has the form of the hub's reference of a person; other texts name nobody and need not be looked for. */
export function isPersonRef(value: unknown): value is string {
  return typeof value === "string" && /^P[0-9A-Z]{8}$/.test(value);
}

/** Whether a value has the form of a district's letter code. */
export function isDistrictCode(value: unknown): value is string {
  return typeof value === "string" && /^[A-HJ-NP-T]$/.test(value);
}
