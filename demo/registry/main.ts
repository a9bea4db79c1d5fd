import { registeredPropertiesOf } from "../../subgraphs/kit/population/holdings.ts";
import { readPort, run, serve } from "../rest/serve.ts";
import { createBook } from "./book.ts";
import { createRegistry } from "./server.ts";
import { readPopulation } from "./settings.ts";

const defaultPort = 4201;

async function main(): Promise<void> {
  const port = readPort(process.argv.slice(2), defaultPort);
  const book = createBook(registeredPropertiesOf(readPopulation(process.env)));
  await serve({ name: "Land Registry", app: createRegistry(book), port });
}

run(main);
