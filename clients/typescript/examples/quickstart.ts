import { AccordError, Client, WriteOutcome } from "@accord-search/client";

const client = new Client();

const documents = [
  {
    name: "port",
    languageCode: "en",
    title: "A port",
    text: "Talks began in Lima.\n\nBoth sides agreed to build a port.",
  },
  { name: "bridge", languageCode: "en", title: "A bridge", text: "The bridge opens in May." },
];
let answered = 0;
for await (const answer of client.importDocuments(documents)) {
  const failure = AccordError.fromStatus(answer.status);
  console.log(
    `${++answered} of ${documents.length}: ${answer.name}: ${failure?.message ?? WriteOutcome[answer.outcome]}`,
  );
}

const found = await client.search("what was agreed?", { pageSize: 3, filter: { languages: ["en"] } });
for (const { document, passage, scores } of found.results) {
  console.log(`${document?.title} (${scores?.relevance?.toFixed(2)}): ${passage?.text}`);
}

const [best] = found.results;
const { text } = await client.getDocument(best?.document?.name ?? "");
const { start, end } = best?.passage?.range ?? { start: 0, end: 0 };
console.log("cited exactly:", [...text].slice(start, end).join("") === best?.passage?.text);
