/** A question that the benchmarks ask. */
export interface Workload {
  readonly name: "a" | "b" | "c" | "d";
  readonly about: string;
  readonly query: string;
}

const wareLine = "code title(nonce: $nonce) price weight organic";

/** The questions. Each is asked with a `nonce`, which reaches every call of a department. */
export const workloads: readonly Workload[] = [
  {
    name: "a",
    about: "four departments, seven calls one after the other, 90 KB",
    query: `query Market($nonce: String!) {
  traders(nonce: $nonce) {
    id name(nonce: $nonce) phone
    notes(nonce: $nonce) {
      id text stars
      ware {
        ${wareLine}
        stock(nonce: $nonce) freight
        depot {
          name
          keeper {
            id name(nonce: $nonce) phone
            rota(nonce: $nonce) { id text stars ware { ${wareLine} } }
          }
        }
      }
    }
  }
}`,
  },
  {
    name: "b",
    about: "one small call",
    query: `query Trader($nonce: String!) { trader(id: "trader-7", nonce: $nonce) { id name phone licence } }`,
  },
  {
    name: "c",
    about: "one call of 1 MB",
    query: "query Ledger($nonce: String!) { ledger(nonce: $nonce) { number day text amount isSettled tags place { row stall } } }",
  },
  {
    name: "d",
    about: "200 distinct entities in four departments",
    query: `query Wares($nonce: String!) {
  wares(first: 200, nonce: $nonce) {
    ${wareLine}
    supplier { id name(nonce: $nonce) phone }
    stock(nonce: $nonce) freight
    remarks(nonce: $nonce)
  }
}`,
  },
];

/** Nonces have one length, so that a reply can be found by the request without them. */
export const noncePattern = /~[0-9a-f]{16}/g;

/** A nonce by number. */
export function nonceAt(number: number): string {
  return `~${number.toString(16).padStart(16, "0")}`;
}

/** The body of a request. */
export function bodyOf({ query }: Workload, nonce: string): string {
  return JSON.stringify({ query, variables: { nonce } });
}
