export { type CallOptions, Code } from "@connectrpc/connect";
export type { APIKey } from "./calls.js";
export type * from "./client.js";
export * from "./errors.js";
export * from "./gen/api.js";
export type { ConditionalDocument, DocumentInit, DocumentSource, ImportOptions } from "./imports.js";
export type * from "./pages.js";
