import type { Condition, Limits, Mask, MatchingBasis } from "./words.ts";

/** A place in a policy file; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a policy file, and where. */
export interface Problem extends Place {
  readonly message: string;
}

/** A file of the policies folder, as read. */
export interface PolicyFile {
  /** Path below the policies folder with forward slashes, such as `agreements/housing-transport-prh.yaml`. */
  readonly path: string;
  readonly text: string;
}

/** A schema coordinate as a policy file writes it. */
export interface Mention {
  readonly coordinate: string;
  readonly place: Place;
}

/** One field that an agreement shares. */
export interface Share extends Mention {
  /** Undefined where the value leaves in clear. */
  readonly mask: Mask | undefined;
  /** Why the recipient needs the field: the clause that a reviewer reads. */
  readonly why: string;
  /** Inputs of the field (see `@requires`) that the recipient may not read, and about which the field may tell something all the same. */
  readonly declassifies: readonly Mention[];
}

/** Kinds of legal basis; a closed list. */
export const LEGAL_KINDS = ["statute", "consent", "exemption"] as const;

/** The law that a sharing rests on. */
export interface LegalBasis {
  readonly ordinance: string;
  readonly section: string;
  readonly kind: (typeof LEGAL_KINDS)[number];
}

/** Roles in which a post approves an agreement; a closed list. */
export const APPROVAL_ROLES = ["data-owner", "data-user", "privacy-officer", "legal-adviser"] as const;

/** One post's approval. */
export interface Approval {
  readonly post: string;
  readonly role: (typeof APPROVAL_ROLES)[number];
  /** Hong Kong day, `YYYY-MM-DD`. */
  readonly on: string;
}

/** A condition on the objects of one type, with the place where it stands. */
export interface Clause {
  readonly condition: Condition;
  readonly place: Place;
}

/** One data-sharing agreement. Days are Hong Kong days, `YYYY-MM-DD`. */
export interface Agreement {
  readonly agreement: string;
  readonly version: number;
  readonly title: string;
  /** The department (subgraph name) that owns what is shared. */
  readonly provider: string;
  /** The bureau that may read. */
  readonly recipient: string;
  readonly purpose: string;
  readonly legalBasis: LegalBasis | undefined;
  /** Half-open: the first day on which it holds, and the first on which it doesn't any more. */
  readonly valid: { readonly from: string; readonly until: string };
  readonly review: string | undefined;
  readonly approvals: readonly Approval[];
  /** The post that drafted it, which can't approve it; undefined where the file doesn't say. */
  readonly author: string | undefined;
  /** Regular expression that the case reference must match; undefined where no case is required. */
  readonly casePattern: string | undefined;
  readonly shares: readonly Share[];
  /** Arguments of shared fields that the recipient may use, and the input fields and enum values that it may give them. */
  readonly arguments: readonly Mention[];
  /** Fields that nobody gets under this recipient and purpose while the agreement holds, whoever shares them. */
  readonly withholds: readonly Mention[];
  /** What must hold of an object before a field of it is released, whichever department serves the condition. */
  readonly where: readonly Clause[];
  readonly limits: Limits | undefined;
  /** What allows the recipient to match persons across departments; undefined where nothing does. */
  readonly matching: MatchingBasis | undefined;
  readonly place: Place;
}

/** What data may be asked for; a closed list. */
export interface Purpose {
  readonly code: string;
  readonly title: string;
  readonly description: string;
}

/** A recipient of data. */
export interface Bureau {
  readonly code: string;
  readonly title: string;
}

/** A client that may call the hub. */
export interface Application {
  /** Client id at the identity provider. */
  readonly client: string;
  readonly title: string;
  readonly bureau: string;
  readonly purposes: readonly string[];
  readonly place: Place;
}

/** A question about the policies with the decision that its author expects. */
export interface Question {
  readonly title: string;
  readonly bureau: string;
  readonly purpose: string;
  readonly atMs: number;
  readonly caseReference: string | undefined;
  readonly coordinate: string;
  /** `allow`, `mask KIND` or `deny REASON`. */
  readonly expected: string;
  /** The agreement that the decision must rest on; undefined where the author doesn't say. */
  readonly by: string | undefined;
  readonly place: Place;
}

/** All policies of a hub, parsed; not yet held against a schema. */
export interface Bundle {
  /** SHA-256 in hex of what the files say: comments, layout, file names, the order of keys and the cases don't count. */
  readonly hash: string;
  /** By agreement and version. */
  readonly agreements: readonly Agreement[];
  readonly purposes: ReadonlyMap<string, Purpose>;
  readonly bureaus: ReadonlyMap<string, Bureau>;
  readonly applications: ReadonlyMap<string, Application>;
  readonly questions: readonly Question[];
}

/** Finds the application of a client; undefined when it isn't registered. */
export function findApplication(bundle: Bundle, client: string): Application | undefined {
  return bundle.applications.get(client);
}
