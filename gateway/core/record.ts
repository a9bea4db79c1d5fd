import type { DenyReason } from "../../policies/engine/words.ts";

/** How a request ended. */
export type Outcome = "ANSWERED" | "PARTIAL" | "REFUSED" | "FAILED";

/**
 * What is kept of one answer. It holds no value that a department released.
 */
export interface AuditRecord {
  /** RFC 3339 in UTC. */
  readonly time: string;
  readonly requestId: string;
  readonly bureau: string;
  readonly application: string;
  readonly officer: string | undefined;
  readonly purpose: string;
  readonly caseReference: string | undefined;
  readonly operationName: string | undefined;
  /** SHA-256 in hex of the operation's text. */
  readonly operationHash: string;
  readonly bundleHash: string;
  readonly entitlementId: string;
  /** `agreement@version`, sorted. */
  readonly agreements: readonly string[];
  /** Governed coordinates (not OPEN) whose values left in clear, sorted. */
  readonly released: readonly string[];
  /** Governed coordinates whose values left under a mask, sorted. */
  readonly masked: readonly string[];
  readonly withheld: readonly { readonly coordinate: string; readonly reason: DenyReason }[];
  /** Subgraphs that were asked, sorted. */
  readonly subgraphs: readonly string[];
  readonly cacheHits: number;
  readonly fetches: number;
  readonly outcome: Outcome;
  /** Public error codes in the answer, sorted, without repeats. */
  readonly errorCodes: readonly string[];
}

/** Keeps records. */
export interface Recorder {
  /**
   * Resolves when the record is durable.
   * @throws {HubError} AUDIT_UNAVAILABLE when it can't be kept.
   */
  append(record: AuditRecord): Promise<void>;
  /** Whether the last write succeeded. */
  isHealthy(): boolean;
  /** Writes what is waiting and closes the file. */
  close(): Promise<void>;
}
