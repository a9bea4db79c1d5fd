import { describeCache } from "./conduct.ts";
import { createTestEngine } from "./engine.ts";

describeCache("in memory", async () => {
  const engine = createTestEngine();
  return { engine, advance: engine.advance };
});
