/** A page of a list. */
export interface Page {
  /** The token of the next page; "" for the last one. */
  readonly nextPageToken: string;
}

/** The items of a list. A page is fetched when its first item is asked for. */
export class Pages<P extends Page, Item> implements AsyncIterable<Item> {
  readonly #fetch: (pageToken: string) => Promise<P>;
  readonly #items: (page: P) => Item[];

  /** @internal */
  constructor(fetch: (pageToken: string) => Promise<P>, items: (page: P) => Item[]) {
    this.#fetch = fetch;
    this.#items = items;
  }

  /** Iterates over the items of all pages. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    for await (const page of this.pages()) {
      yield* this.#items(page);
    }
  }

  /** Iterates over the pages, which have other fields besides their items. */
  async *pages(): AsyncGenerator<P, void> {
    let token = "";
    do {
      const page = await this.#fetch(token);
      yield page;
      token = page.nextPageToken;
    } while (token !== "");
  }
}
