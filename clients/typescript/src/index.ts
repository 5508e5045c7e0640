import { CollectionClient } from "./client.js";
import { type ClientOptions, grpcTransport } from "./grpc.js";

export * from "./exports.js";
export type { ClientOptions } from "./grpc.js";

/** A client of a server of Accord over gRPC, for Node. */
export class Client extends CollectionClient {
  constructor(options: ClientOptions = {}) {
    super(grpcTransport(options), options);
  }
}
