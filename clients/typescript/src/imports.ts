import type { MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { backoff, sleep } from "./calls.js";
import { AccordError } from "./errors.js";
import type { DocumentSchema } from "./gen/accord/v1/document_pb.js";
import type {
  ImportDocumentsRequestSchema,
  ImportDocumentsResponse,
  ImportSettingsSchema,
  PreconditionSchema,
} from "./gen/accord/v1/ingest_service_pb.js";

/** A document to write. The name may be an id alone, of the client's collection. */
export type DocumentInit = MessageInitShape<typeof DocumentSchema>;

/** A document that is written only if its precondition holds. */
export interface ConditionalDocument {
  document: DocumentInit;
  precondition: MessageInitShape<typeof PreconditionSchema>;
}

export type ToImport = DocumentInit | ConditionalDocument;

export type DocumentSource = Iterable<ToImport> | AsyncIterable<ToImport>;

type Request = MessageInitShape<typeof ImportDocumentsRequestSchema>;
type Settings = MessageInitShape<typeof ImportSettingsSchema>;
type Open = (requests: AsyncIterable<Request>, options: CallOptions) => AsyncIterable<ImportDocumentsResponse>;

/** The maximum number of documents that are sent and not answered yet. */
const maxAhead = 64;
/** The maximum number of streams in a row that end without an answer. */
const maxAttempts = 10;
const defaultTimeoutMs = 600_000;

export interface ImportOptions {
  /**
   * Whether a document is answered after it is embedded. The default is true. If false, a document is
   * answered after it is stored, and is embedded in the background.
   */
  waitForIndex?: boolean;
  /** Milliseconds to wait for the next answer while sent documents have none. The default is 10 minutes. */
  timeoutMs?: number;
  /** Ends the import. */
  signal?: AbortSignal;
}

/**
 * An import. It sends documents over a stream, and reads them from their source as fast as the server
 * accepts them. If the server stops, it sends the documents that have no answer over another stream.
 */
export class Import {
  readonly #open: Open;
  readonly #settings: Settings;
  readonly #source: Iterator<ToImport> | AsyncIterator<ToImport>;
  readonly #toSend: (document: DocumentInit) => DocumentInit;
  readonly #options: ImportOptions;
  readonly #unanswered: Request[] = [];
  #next: Promise<IteratorResult<ToImport>> | undefined; // read from the source, and not sent yet
  #sourceError: unknown;
  #onAnswer = () => {};

  constructor(
    open: Open,
    settings: Settings,
    documents: DocumentSource,
    toSend: (document: DocumentInit) => DocumentInit,
    options: ImportOptions,
  ) {
    this.#open = open;
    this.#settings = settings;
    this.#toSend = toSend;
    this.#source = Symbol.asyncIterator in documents ? documents[Symbol.asyncIterator]() : documents[Symbol.iterator]();
    this.#options = options;
  }

  /** Returns the answer for each document, in the order of the documents. */
  async *answers(): AsyncGenerator<ImportDocumentsResponse, void> {
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          for await (const answer of this.#stream()) {
            attempt = 1;
            yield answer;
          }
          return;
        } catch (error) {
          const failure = this.#sourceError ?? AccordError.from(error);
          if (!(failure instanceof AccordError) || failure.code !== Code.Unavailable || attempt >= maxAttempts) {
            throw failure;
          }
          await sleep(backoff(attempt, failure), this.#options.signal);
        }
      }
    } finally {
      const ended = Promise.resolve(this.#source.return?.());
      if (this.#next === undefined) {
        await ended;
      } else {
        ended.catch(() => {}); // a generator ends only after the document that it was asked for, which may never come
      }
    }
  }

  async *#stream(): AsyncGenerator<ImportDocumentsResponse, void> {
    const ended = new AbortController();
    const patience = new Patience(this.#options.timeoutMs ?? defaultTimeoutMs, ended);
    const { signal } = this.#options;
    const signals = signal ? [signal, ended.signal] : [ended.signal];
    try {
      const requests = this.#requests(ended.signal, patience);
      for await (const answer of this.#open(requests, { signal: AbortSignal.any(signals) })) {
        patience.stop();
        this.#unanswered.shift();
        this.#onAnswer();
        yield answer;
        if (this.#unanswered.length > 0) {
          patience.start();
        }
      }
      if (this.#unanswered.length > 0) {
        throw new ConnectError("the import ended before all documents were answered", Code.Internal);
      }
    } finally {
      patience.stop();
      ended.abort();
    }
  }

  async *#requests(ended: AbortSignal, patience: Patience): AsyncGenerator<Request, void> {
    yield { message: { case: "settings", value: this.#settings } };
    if (this.#unanswered.length > 0) {
      patience.start();
    }
    yield* [...this.#unanswered];
    for (;;) {
      while (this.#unanswered.length >= maxAhead) {
        await new Promise<void>((resolve) => {
          this.#onAnswer = resolve;
        });
      }
      this.#next ??= Promise.resolve(this.#source.next());
      const { done, value } = await this.#next.catch((error) => {
        this.#sourceError = error;
        throw error;
      });
      if (done || ended.aborted) {
        return; // if the stream has ended, the next one sends the value
      }
      this.#next = undefined;
      const request = this.#request(value);
      if (this.#unanswered.push(request) === 1) {
        patience.start();
      }
      yield request;
    }
  }

  #request(item: ToImport): Request {
    if (!("precondition" in item)) {
      return { message: { case: "document", value: this.#toSend(item) } };
    }
    const { document, precondition } = item;
    return { message: { case: "document", value: this.#toSend(document) }, precondition };
  }
}

/** A timer that ends a stream unless stop is called in time after start. */
class Patience {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly timeoutMs: number,
    readonly ended: AbortController,
  ) {}

  start() {
    this.stop();
    const late = () =>
      this.ended.abort(new ConnectError(`no answer within ${this.timeoutMs} ms`, Code.DeadlineExceeded));
    this.#timer = setTimeout(late, this.timeoutMs);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
