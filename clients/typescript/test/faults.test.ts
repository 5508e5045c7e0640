import assert from "node:assert/strict";
import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { AccordError, Client, type ClientOptions, Code, IngestService, SearchService } from "accord-client";

// These servers fail in ways that are hard to cause on a real server at the right moment.

async function serve(
  t: TestContext,
  routes: (router: ConnectRouter) => void,
  options: ClientOptions = {},
): Promise<Client> {
  const server = createServer(connectNodeAdapter({ routes }));
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    for (const session of sessions) {
      session.destroy();
    }
  });
  return new Client({
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    timeoutMs: 20_000,
    ...options,
  });
}

const unavailable = () => new ConnectError("stopping", Code.Unavailable);

test("reads are repeated while the server is unavailable, and writes are not", async (t) => {
  let searches = 0;
  let writes = 0;
  const client = await serve(t, (router) => {
    router.service(SearchService, {
      search: () => {
        if (++searches < 3) {
          throw unavailable();
        }
        return { results: [{}] };
      },
      getDocument: () => {
        searches++;
        throw unavailable();
      },
    });
    router.service(IngestService, {
      upsertDocument: () => {
        writes++;
        throw unavailable();
      },
    });
  });
  assert.equal((await client.search("port")).results.length, 1);
  assert.equal(searches, 3);
  await assert.rejects(client.getDocument("port"), { code: Code.Unavailable });
  assert.equal(searches, 6);
  await assert.rejects(client.upsertDocument({ name: "port", text: "A text." }), { code: Code.Unavailable });
  assert.equal(writes, 1);
});

test("an import goes on after the server stopped, without a document too few or twice", async (t) => {
  const received: string[] = [];
  let streams = 0;
  const client = await serve(t, (router) => {
    router.service(IngestService, {
      async *importDocuments(requests) {
        streams++;
        let answered = 0;
        for await (const { message } of requests) {
          if (message.case !== "document") {
            continue;
          }
          if (answered === 10 && streams < 4) {
            throw unavailable();
          }
          received.push(message.value.name);
          answered++;
          yield { name: message.value.name };
        }
      },
    });
  });
  const names = Array.from({ length: 50 }, (_, i) => `collections/default/documents/d-${i}`);
  const answers = [];
  for await (const { name } of client.importDocuments(names.map((name) => ({ name, text: "A text." })))) {
    answers.push(name);
  }
  assert.equal(streams, 4);
  assert.deepEqual(answers, names);
  assert.deepEqual(received, names);
});

test("an import whose answers do not come ends", async (t) => {
  const client = await serve(t, (router) => {
    router.service(IngestService, {
      async *importDocuments(requests) {
        for await (const { message } of requests) {
          if (message.case === "document") {
            yield { name: message.value.name };
            await new Promise(() => {});
          }
        }
      },
    });
  });
  let answers = 0;
  const late = async () => {
    for await (const _ of client.importDocuments([{ name: "first" }, { name: "second" }], { timeoutMs: 500 })) {
      answers++;
    }
  };
  await assert.rejects(late, (error) => error instanceof AccordError && error.code === Code.DeadlineExceeded);
  assert.equal(answers, 1);
});

test("an import waits as long as its source takes", async (t) => {
  const client = await serve(t, (router) => {
    router.service(IngestService, {
      async *importDocuments(requests) {
        for await (const { message } of requests) {
          if (message.case === "document") {
            yield { name: message.value.name };
          }
        }
      },
    });
  });
  const slow = async function* () {
    for (const name of ["first", "second"]) {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      yield { name };
    }
  };
  let answers = 0;
  for await (const _ of client.importDocuments(slow(), { timeoutMs: 750 })) {
    answers++;
  }
  assert.equal(answers, 2);
});

test("an import fails at once, although its source has no further document", async (t) => {
  const client = await serve(t, (router) => {
    router.service(IngestService, {
      async *importDocuments(requests) {
        for await (const { message } of requests) {
          if (message.case === "document") {
            throw new ConnectError("not allowed", Code.PermissionDenied);
          }
        }
        yield {};
      },
    });
  });
  const waiting = async function* () {
    yield { name: "first" };
    await new Promise(() => {});
  };
  await assert.rejects(client.importDocuments(waiting()).next(), { code: Code.PermissionDenied });
});

test("an import that ends although a document has no answer is an error", async (t) => {
  const client = await serve(t, (router) => {
    router.service(IngestService, {
      async *importDocuments(requests) {
        yield { name: "first" };
        for await (const _ of requests);
      },
    });
  });
  const answers = client.importDocuments([{ name: "first" }, { name: "second" }]);
  await answers.next();
  await assert.rejects(answers.next(), { code: Code.Internal });
});

test("later calls send the position of earlier writes", async (t) => {
  const sent: (string | null)[] = [];
  const positions = ["0/FF", "0/1A", "1/0"];
  const client = await serve(t, (router) => {
    router.service(IngestService, {
      upsertDocument: (_, context) => {
        context.responseHeader.set("accord-wal-position", positions.shift() ?? "");
        return {};
      },
    });
    router.service(SearchService, {
      search: (_, context) => {
        sent.push(context.requestHeader.get("accord-wal-position"));
        return {};
      },
    });
  });
  await client.search("port");
  for (let i = 0; i < 3; i++) {
    await client.upsertDocument({ name: "port", text: "A text." });
    await client.search("port");
  }
  assert.deepEqual(sent, [null, "0/FF", "0/FF", "1/0"]);
});

test("a read after a failed precondition sees the document that failed it", async (t) => {
  let sent: string | null = null;
  const client = await serve(t, (router) => {
    router.service(IngestService, {
      deleteDocument: () => {
        throw new ConnectError("another etag", Code.Aborted, { "accord-wal-position": "0/2A" });
      },
    });
    router.service(SearchService, {
      getDocument: (_, context) => {
        sent = context.requestHeader.get("accord-wal-position");
        return { document: {} };
      },
    });
  });
  await assert.rejects(client.deleteDocument("port", { etag: "old" }), { code: Code.Aborted });
  await client.getDocument("port");
  assert.equal(sent, "0/2A");
});

test("the key is asked for before each attempt", async (t) => {
  const sent: (string | null)[] = [];
  let keys = 0;
  const routes = (router: ConnectRouter) => {
    router.service(SearchService, {
      search: (_, context) => {
        sent.push(context.requestHeader.get("authorization"));
        throw unavailable();
      },
    });
  };
  const client = await serve(t, routes, { apiKey: async () => `key-${++keys}` });
  await assert.rejects(client.search("port"), { code: Code.Unavailable });
  assert.deepEqual(sent, ["Bearer key-1", "Bearer key-2", "Bearer key-3"]);
});
