import { readFileSync } from "node:fs";
import { createServer } from "node:http";

/*
 * The floor below all servers on Node: `node bench/raw.ts PORT FILE`, where the file has the finished answers as a JSON object by the operation's
 * name. It reads the request, parses nothing but that name, and sends the text.
 */

const [port = "0", file = ""] = process.argv.slice(2);
const answers = new Map(
  Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, string>).map(
    ([name, text]) => [name, Buffer.from(text)] as const,
  ),
);
const server = createServer((request, response) => {
  let head = "";
  request.on("data", (chunk: Buffer) => {
    if (head === "") head = chunk.toString("latin1", 0, 64);
  });
  request.on("end", () => {
    const answer = answers.get(/query (\w+)/.exec(head)?.[1] ?? "") ?? Buffer.from("{}");
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length }).end(answer);
  });
});
server.listen(Number(port), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
