/** An application that calls the hub by itself, with its own secret. */
export interface DemoApplication {
  readonly clientId: string;
  readonly title: string;
}

/** A made-up person who may sign in to the explorer. */
export interface DemoPerson {
  /** The token's subject: a pseudonym, as an issuer should give one. */
  readonly subject: string;
  readonly name: string;
}

/** A browser application for one kind of user. It is public (no secret) and uses PKCE. */
export interface DemoDesk {
  readonly clientId: string;
  readonly title: string;
  readonly people: readonly [DemoPerson, ...DemoPerson[]];
}

/** Applications with a secret, which use the grant `client_credentials`. */
export const demoApplications: readonly DemoApplication[] = [
  { clientId: "housing-app", title: "Public rental housing system" },
  { clientId: "transport-licensing", title: "Vehicle licensing system" },
  { clientId: "student-finance", title: "Student finance system" },
  { clientId: "food-licensing", title: "Food business licensing system" },
  { clientId: "welfare-app", title: "Social security system" },
  { clientId: "hub-auditor", title: "Audit system" },
];

/**
 * The hub takes bureau and purposes from the client id, so each kind of explorer user has a client id of its own, and its
 * sign-in page offers only the people of that kind.
 */
export const demoDesks: readonly DemoDesk[] = [
  {
    clientId: "stats-analyst",
    title: "Statistics analyst",
    people: [
      { subject: "analyst-7f3a", name: "Ada (demo analyst)" },
      { subject: "analyst-b210", name: "Ben (demo analyst)" },
    ],
  },
  {
    clientId: "housing-officer",
    title: "Housing officer",
    people: [{ subject: "officer-41cc", name: "Hana (demo housing officer)" }],
  },
  {
    clientId: "audit-officer",
    title: "Auditor",
    people: [{ subject: "auditor-9e05", name: "Otto (demo auditor)" }],
  },
];
