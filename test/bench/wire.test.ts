import { expect, test } from "vitest";
import { createResponseReader } from "../../bench/wire.ts";

const sized = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const chunked = "HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";

test.each([
  ["with a length", sized, 200],
  ["in chunks", chunked, 404],
])("a response %s is read from pieces of any size, and another after it", (_kind, text, status) => {
  for (let size = 1; size <= text.length; size += 1) {
    const reader = createResponseReader();
    for (const turn of [1, 2]) {
      const seen = [];
      for (let at = 0; at < text.length; at += size) {
        const response = reader.push(Buffer.from(text.slice(at, at + size)));
        if (response !== undefined) seen.push({ turn, status: response.status, body: response.body.toString() });
      }
      expect(seen).toEqual([{ turn, status, body: "hello" }]);
    }
  }
});
