import type { Collected } from "../fetch/scene.ts";
import type { Projected } from "../project/project.ts";

/** What the departments said, and the answer written from it. Requests may share one, so nobody changes it. */
export interface Gathered {
  readonly collected: Gist;
  readonly projected: Projected;
}

/** How departments were asked, without what they said. */
export type Gist = Omit<Collected, "joined" | "problems" | "passed">;
