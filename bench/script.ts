import { createServer } from "node:http";
import { Pool } from "undici";
import { type Fetcher, writeAnswer } from "./floor.ts";
import { openConnection, type WireConnection, writePost } from "./wire.ts";

/*
 * What a programmer would write by hand for exactly the benchmarks' questions, as the floor below all gateways that call departments:
 * `node bench/script.ts PORT DEPARTMENTS_PORT undici|sockets`.
 */

const [port = "0", departmentsPort = "0", transport = "undici"] = process.argv.slice(2);
const timeoutMs = 30_000;
const fetchJson = transport === "sockets" ? createSocketFetcher(Number(departmentsPort)) : createUndiciFetcher(Number(departmentsPort));

function createUndiciFetcher(target: number): Fetcher {
  const pool = new Pool(`http://127.0.0.1:${target}`, { connections: 64 });
  return (department, body) =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      pool.dispatch(
        { path: `/${department}`, method: "POST", headers: { "content-type": "application/json" }, body },
        {
          onRequestStart: () => undefined,
          onResponseStart: () => undefined,
          onResponseData: (_controller, chunk) => void chunks.push(chunk),
          onResponseEnd: () => resolve(JSON.parse(Buffer.concat(chunks).toString("utf8"))),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
}

function createSocketFetcher(target: number): Fetcher {
  const idle: WireConnection[] = [];
  return async (department, body) => {
    const connection = idle.pop() ?? openConnection(target, timeoutMs);
    const { body: bytes } = await connection.send(writePost({ path: `/${department}`, headers: {}, body }));
    idle.push(connection);
    return JSON.parse(bytes.toString("utf8"));
  };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    writeAnswer(Buffer.concat(chunks).toString("utf8"), fetchJson).then(
      (text) => {
        const bytes = Buffer.from(text);
        response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length }).end(bytes);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
});
server.listen(Number(port), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
