import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  AccordError,
  Client,
  Code,
  CollectionService,
  type DocumentInit,
  SpaceService,
  WriteOutcome,
} from "accord-client";

// These tests use the server at ACCORD_ADDR.
const client = new Client({ collection: "typescript" });

before(async () => {
  await client.service(CollectionService).createCollection({ collectionId: "typescript" });
});

function* ports(count: number): Generator<DocumentInit> {
  for (let i = 0; i < count; i++) {
    yield { name: `port-${i}`, languageCode: "en", text: `Port number ${i} of Chancay opened.` };
  }
}

async function thrown(call: Promise<unknown>): Promise<AccordError> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(error instanceof AccordError, `${error} is no AccordError`);
  return error;
}

test("an import, and lists of several pages", async () => {
  const names = [];
  for await (const answer of client.importDocuments(ports(150))) {
    assert.equal(answer.outcome, WriteOutcome.CREATED);
    names.push(answer.name);
  }
  assert.deepEqual(
    names,
    [...ports(150)].map(({ name }) => `collections/typescript/documents/${name}`),
  );

  const listed = new Set();
  for await (const document of client.listDocuments({ pageSize: 40 })) {
    listed.add(document.name);
  }
  assert.deepEqual(listed, new Set(names));

  const sizes = [];
  for await (const page of client.searchAll("port of Chancay", { pageSize: 20 }).pages()) {
    sizes.push(page.results.length);
  }
  assert.ok(sizes.length > 1 && sizes.slice(0, -1).every((size) => size === 20), `pages of ${sizes}`);

  const passages = [];
  for await (const { passage } of client.searchAll("port of Chancay", { pageSize: 20 })) {
    passages.push(passage?.name);
  }
  assert.equal(
    passages.length,
    sizes.reduce((sum, size) => sum + size),
  );
  assert.equal(new Set(passages).size, passages.length);
});

test("a batch of questions, and passages by name", async () => {
  const [found, refused] = await client.batchSearch(["port of Chancay", ""], { pageSize: 3 });
  assert.ok(found?.outcome.case === "response");
  assert.ok(refused?.outcome.case === "status");
  assert.equal(AccordError.fromStatus(refused.outcome.value)?.violations[0]?.field, "query");

  const passages = found.outcome.value.results.map(({ passage }) => passage);
  const read = await client.batchGetPassages(passages.map((passage) => passage?.name ?? ""));
  assert.deepEqual(
    read.map(({ name, text }) => [name, text]),
    passages.map((passage) => [passage?.name, passage?.text]),
  );
  const absent = thrown(client.batchGetPassages([`${client.collection}/documents/absent/passages/0`]));
  assert.equal((await absent).code, Code.NotFound);
});

test("a failed document does not stop an import", async () => {
  const documents = [
    { name: "good", text: "A text." },
    { name: "bad", text: " " },
    { name: "also-good", text: "Another text." },
  ];
  const outcomes = [];
  let failure: AccordError | undefined;
  for await (const answer of client.importDocuments(documents)) {
    outcomes.push(WriteOutcome[answer.outcome]);
    failure ??= AccordError.fromStatus(answer.status);
  }
  assert.deepEqual(outcomes, ["CREATED", "FAILED", "CREATED"]);
  assert.equal(failure?.code, Code.InvalidArgument);
  assert.equal(failure.reason, "INVALID_FIELD");
});

test("documents of an import with preconditions", async () => {
  const stored = await client.upsertDocument({ name: "note", text: "The first." });
  const withEtag = (text: string, value = stored.document?.etag ?? "") => ({
    document: { name: "note", text },
    precondition: { condition: { case: "etag" as const, value } },
  });
  const documents = [
    {
      document: { name: "note", text: "x" },
      precondition: { condition: { case: "mustNotExist" as const, value: true } },
    },
    withEtag("The second."),
    withEtag("The third."),
    { name: "note", text: "The fourth." },
  ];
  const done = [];
  for await (const answer of client.importDocuments(documents)) {
    done.push(AccordError.fromStatus(answer.status)?.reason ?? WriteOutcome[answer.outcome]);
  }
  assert.deepEqual(done, ["PRECONDITION_FAILED", "UPDATED", "PRECONDITION_FAILED", "UPDATED"]);
});

test("the error of a source ends its import", async () => {
  const failing = async function* () {
    yield { name: "before", text: "A text." };
    throw new RangeError("the source failed");
  };
  await assert.rejects(async () => {
    for await (const _ of client.importDocuments(failing()));
  }, RangeError);
});

test("100 violations arrive with an error", async () => {
  const languages = Array.from({ length: 100 }, (_, i) => `!${i}`);
  const error = await thrown(client.search("port", { filter: { languages } }));
  assert.equal(error.code, Code.InvalidArgument);
  assert.equal(error.reason, "INVALID_FIELD");
  assert.ok(error.violations.length > 0);
  assert.ok(error.violations.length + error.omittedViolations >= 100);
  assert.match(error.violations[0]?.field ?? "", /^filter\.languages/);
  assert.notEqual(error.requestId, "");
});

test("the largest document is written and read", async () => {
  const paragraph = `${"The port of Chancay opened. ".repeat(150)}\n\n`;
  const text = paragraph.repeat(2 ** 22 / paragraph.length).padEnd(2 ** 22, "!");
  await client.upsertDocument(
    { name: "long", languageCode: "en", text },
    { waitForIndex: false },
    { timeoutMs: 120_000 },
  );
  const document = await client.getDocument("long");
  assert.ok(document.text === text); // assert.equal would print both
});

test("what is absent, late or ended", async () => {
  assert.equal((await thrown(client.getDocument("absent"))).code, Code.NotFound);
  assert.equal((await thrown(client.search("port", {}, { timeoutMs: 1 }))).code, Code.DeadlineExceeded);
  assert.equal((await thrown(client.search("port", {}, { signal: AbortSignal.abort() }))).code, Code.Canceled);
});

test("a document that is deleted, and another service", async () => {
  const name = "collections/typescript/documents/short";
  await client.upsertDocument({ name, text: "A short text." });
  await client.deleteDocument("short");
  assert.equal((await thrown(client.getDocument(name))).reason, "NOT_FOUND");
  const { spaces } = await client.service(SpaceService).listSpaces({ parent: client.collection });
  assert.equal(spaces.length, 1);
});

test("wrong settings", () => {
  assert.throws(() => new Client({ address: "ftp://localhost" }), /address/);
  assert.throws(() => new Client({ address: "example.com", apiKey: "key" }), /without TLS/);
  new Client({ address: "example.com", apiKey: "key", tls: true });
});
