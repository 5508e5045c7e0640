import type { DescMessage, DescService, MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions, createClient, type Client as ServiceClient, type Transport } from "@connectrpc/connect";
import { type APIKey, withPolicies } from "./calls.js";
import type { Document, Passage } from "./gen/accord/v1/document_pb.js";
import {
  type DeleteDocumentRequestSchema,
  type ImportDocumentsResponse,
  IngestService,
  type UpsertDocumentRequestSchema,
  type UpsertDocumentResponse,
} from "./gen/accord/v1/ingest_service_pb.js";
import {
  type BatchSearchAnswer,
  type GetDocumentRequestSchema,
  type ListDocumentsRequestSchema,
  type ListDocumentsResponse,
  type SearchRequestSchema,
  type SearchResponse,
  type SearchResult,
  SearchService,
} from "./gen/accord/v1/search_service_pb.js";
import { type DocumentInit, type DocumentSource, Import, type ImportOptions } from "./imports.js";
import { Pages } from "./pages.js";

/** Settings of every client. */
export interface CommonOptions {
  /** The id of the collection to search and to write. The default is "default". */
  collection?: string;
  /**
   * An API key or a JWT, if the server asks for one, or a function that returns the current one. It is called before
   * each attempt.
   */
  apiKey?: APIKey;
  /** Milliseconds that a call may take with all its tries. The default is 30,000. Imports have their own. */
  timeoutMs?: number;
}

/** The fields of a request, except for those that the method itself sets. */
type Fields<Schema extends DescMessage, Known extends string> = Omit<
  MessageInitShape<Schema>,
  Known | "$typeName" | "$unknown"
>;

export type SearchFields = Fields<typeof SearchRequestSchema, "query" | "parent" | "pageToken">;
export type GetFields = Fields<typeof GetDocumentRequestSchema, "name">;
export type ListFields = Fields<typeof ListDocumentsRequestSchema, "parent" | "pageToken">;
export type UpsertFields = Fields<typeof UpsertDocumentRequestSchema, "document">;
export type DeleteFields = Fields<typeof DeleteDocumentRequestSchema, "name">;

/**
 * Searches and writes a collection over any transport. Each method throws an AccordError if the call
 * fails. Reads are repeated while the server is unavailable.
 */
export class CollectionClient {
  /** The name of the collection, such as "collections/default". */
  readonly collection: string;
  readonly #transport: Transport;
  readonly #search: ServiceClient<typeof SearchService>;
  readonly #ingest: ServiceClient<typeof IngestService>;

  constructor(transport: Transport, options: CommonOptions) {
    this.collection = `collections/${options.collection ?? "default"}`;
    this.#transport = withPolicies(transport, { timeoutMs: options.timeoutMs ?? 30_000, apiKey: options.apiKey });
    this.#search = this.service(SearchService);
    this.#ingest = this.service(IngestService);
  }

  /** Returns a client of all methods of a service, such as SpaceService. */
  service<S extends DescService>(service: S): ServiceClient<S> {
    return createClient(service, this.#transport);
  }

  /** Returns the first page of the passages that answer a question. */
  search(query: string, fields: SearchFields = {}, options: CallOptions = {}): Promise<SearchResponse> {
    return this.#search.search({ ...fields, query, parent: this.collection }, options);
  }

  /** Returns the passages of all pages. fields.pageSize is the number of passages that one call fetches. */
  searchAll(query: string, fields: SearchFields = {}, options: CallOptions = {}): Pages<SearchResponse, SearchResult> {
    const request = { ...fields, query, parent: this.collection };
    return new Pages(
      (pageToken) => this.#search.search({ ...request, pageToken }, options),
      (page) => page.results,
    );
  }

  /**
   * Returns one answer for each of up to 50 questions, in order, in less time than that many calls take. An
   * answer is a response, or a status, which AccordError.fromStatus reads. The fields are the same for all questions.
   */
  async batchSearch(
    queries: readonly string[],
    fields: SearchFields = {},
    options: CallOptions = {},
  ): Promise<BatchSearchAnswer[]> {
    const requests = queries.map((query) => ({ ...fields, query }));
    const response = await this.#search.batchSearch({ parent: this.collection, requests }, options);
    return response.answers;
  }

  /** Returns up to 100 passages by their names, in the order of the names. It throws if one does not exist. */
  async batchGetPassages(names: string[], options: CallOptions = {}): Promise<Passage[]> {
    const response = await this.#search.batchGetPassages({ parent: this.collection, names }, options);
    return response.passages;
  }

  /** Returns a document by its id or its name. With fields.textRange, its text is that part. */
  async getDocument(idOrName: string, fields: GetFields = {}, options: CallOptions = {}): Promise<Document> {
    const response = await this.#search.getDocument({ ...fields, name: this.#name(idOrName) }, options);
    return present(response.document);
  }

  /** Returns the documents of all pages, without their texts. */
  listDocuments(fields: ListFields = {}, options: CallOptions = {}): Pages<ListDocumentsResponse, Document> {
    const request = { ...fields, parent: this.collection };
    return new Pages(
      (pageToken) => this.#search.listDocuments({ ...request, pageToken }, options),
      (page) => page.documents,
    );
  }

  /** Writes a document, and replaces the one of the same name if it has changed. */
  upsertDocument(
    document: DocumentInit,
    fields: UpsertFields = {},
    options: CallOptions = {},
  ): Promise<UpsertDocumentResponse> {
    return this.#ingest.upsertDocument({ ...fields, document: this.#named(document) }, options);
  }

  /** Deletes a document by its id or its name. */
  async deleteDocument(idOrName: string, fields: DeleteFields = {}, options: CallOptions = {}): Promise<void> {
    await this.#ingest.deleteDocument({ ...fields, name: this.#name(idOrName) }, options);
  }

  /**
   * Writes many documents, and returns the answer for each of them, in order. A document that cannot be
   * written does not stop the others: its answer has a status, which AccordError.fromStatus reads. The
   * import runs while its answers are read. If the server stops, the import continues on another one.
   */
  importDocuments(
    documents: DocumentSource,
    options: ImportOptions = {},
  ): AsyncGenerator<ImportDocumentsResponse, void> {
    const settings = {
      parent: this.collection,
      ...(options.waitForIndex !== undefined && { waitForIndex: options.waitForIndex }),
    };
    const named = (document: DocumentInit) => this.#named(document);
    return new Import(
      (requests, call) => this.#ingest.importDocuments(requests, call),
      settings,
      documents,
      named,
      options,
    ).answers();
  }

  #name(idOrName: string): string {
    return idOrName.includes("/") ? idOrName : `${this.collection}/documents/${idOrName}`;
  }

  #named(document: DocumentInit): DocumentInit {
    return { ...document, name: this.#name(document.name ?? "") };
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new TypeError("the server's answer has no document");
  }
  return value;
}
