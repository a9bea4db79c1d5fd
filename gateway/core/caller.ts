/** Who asks, on whose behalf and for what: the outcome of `identify`. */
export interface Caller {
  readonly bureau: string;
  /** Client id of the application that holds the token. */
  readonly application: string;
  /** Pseudonym of the officer behind the application (the token's subject), where the token has one. */
  readonly officer: string | undefined;
  /** A code of purposes.yaml. */
  readonly purpose: string;
  readonly caseReference: string | undefined;
  /** What to do with a coordinate that is denied: leave it out with an explanation, or run nothing. */
  readonly onDenied: "withhold" | "refuse";
}
