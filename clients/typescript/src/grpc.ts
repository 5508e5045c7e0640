import type { SecureContextOptions } from "node:tls";
import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { CommonOptions } from "./client.js";

/** Settings of a client that speaks gRPC. */
export interface ClientOptions extends CommonOptions {
  /**
   * host, host:port, http://host:port, or https://host:port for TLS. The default is the environment
   * variable ACCORD_ADDR, or localhost:50051.
   */
  address?: string;
  /** Whether to use TLS, or its certificates: ca for a private authority, cert and key if the server asks for them. */
  tls?: boolean | SecureContextOptions;
  /** Whether to send the API key to another machine even without TLS. */
  insecure?: boolean;
}

const defaultPort = "50051";
/** How often an open call checks that the server is still there, in milliseconds. */
const pingIntervalMs = 30_000;

/** Returns a transport over gRPC. It connects when the first call is made. */
export function grpcTransport(options: ClientOptions): Transport {
  const { host, port, secure } = parseAddress(options);
  if (options.apiKey !== undefined && !secure && !options.insecure && !isLoopback(host)) {
    throw new TypeError(
      `the API key is not sent to ${host} without TLS, since others could read it on the way: set tls, or insecure to send it anyway`,
    );
  }
  return createGrpcTransport({
    baseUrl: `${secure ? "https" : "http"}://${host}:${port || defaultPort}`,
    pingIntervalMs,
    ...(typeof options.tls === "object" && { nodeOptions: options.tls }),
  });
}

function parseAddress({ address = process.env["ACCORD_ADDR"] || "localhost", tls = false }: ClientOptions) {
  const text = address.includes("://") ? address : `http://${address}`;
  // For http and https, URL leaves out the port 80 or 443.
  const unlike = text.replace(/^https?:/, "grpc:");
  const url = URL.canParse(unlike) ? new URL(unlike) : undefined;
  if (url?.protocol !== "grpc:" || !url.hostname || !["", "/"].includes(url.pathname)) {
    throw new TypeError(
      `address: ${JSON.stringify(address)} must be host, host:port, http://host:port or https://host:port`,
    );
  }
  return { host: url.hostname, port: url.port, secure: tls !== false || text.startsWith("https:") };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
