import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderDocuments } from "./documents.ts";

for (const { path, text } of renderDocuments()) {
  writeFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), text);
  console.log(`wrote ${path}`);
}
