import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { AccordError } from "./errors.js";

/** How often a read is tried, as in the service config of the protos. */
const maxAttempts = 3;
const firstBackoffMs = 200;
const maxBackoffMs = 1000;

const positionHeader = "accord-wal-position";

/** An API key or a JWT, or a function that returns the current one. */
export type APIKey = string | (() => string | Promise<string>);

export interface CallSettings {
  /** Milliseconds that a call may take if it does not set timeoutMs. */
  timeoutMs: number;
  /** What each call is authorized with. */
  apiKey: APIKey | undefined;
}

/**
 * Returns a transport that gives each unary call a deadline, repeats reads while the server is
 * unavailable, throws each error as an AccordError, and lets later calls see earlier writes, whichever
 * replica of the database answers.
 */
export function withPolicies(transport: Transport, settings: CallSettings): Transport {
  let position = "";
  const record = (headers: Headers) => {
    position = later(position, headers.get(positionHeader) ?? "");
  };
  const headersOf = async (own: HeadersInit | undefined) => {
    const headers = new Headers();
    if (settings.apiKey !== undefined) {
      const key = typeof settings.apiKey === "string" ? settings.apiKey : await settings.apiKey();
      headers.set("authorization", `Bearer ${key}`);
    }
    for (const [name, value] of new Headers(own)) {
      headers.set(name, value);
    }
    if (position !== "") {
      headers.set(positionHeader, position);
    }
    return headers;
  };
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const deadline = Date.now() + (timeoutMs ?? settings.timeoutMs);
      for (let attempt = 1; ; attempt++) {
        const headers = await headersOf(header);
        try {
          const left = deadline - Date.now();
          const response = await transport.unary(method, signal, left, headers, input, contextValues);
          record(response.header);
          return response;
        } catch (error) {
          record(ConnectError.from(error).metadata); // a precondition that does not hold names a position too
          const failure = lateOr(AccordError.from(error), signal);
          const delay = backoff(attempt, failure);
          if (
            attempt === maxAttempts ||
            !isRead(method) ||
            failure.code !== Code.Unavailable ||
            Date.now() + delay >= deadline
          ) {
            throw failure;
          }
          await sleep(delay, signal);
        }
      }
    },
    async stream(method, signal, timeoutMs, header, input, contextValues) {
      const headers = await headersOf(header);
      try {
        const response = await transport.stream(method, signal, timeoutMs, headers, input, contextValues);
        return { ...response, message: messagesOf(response.message, () => record(response.trailer)) };
      } catch (error) {
        throw AccordError.from(error);
      }
    },
  };
}

async function* messagesOf<Message>(messages: AsyncIterable<Message>, end: () => void): AsyncGenerator<Message, void> {
  try {
    yield* messages;
    end();
  } catch (error) {
    throw AccordError.from(error);
  }
}

/** Returns the error, or DEADLINE_EXCEEDED for a cancellation that the transport threw because the deadline passed. */
function lateOr(failure: AccordError, signal: AbortSignal | undefined): AccordError {
  if (failure.code !== Code.Canceled || failure.reason !== "" || signal?.aborted) {
    return failure;
  }
  return AccordError.from(new ConnectError("the deadline passed", Code.DeadlineExceeded));
}

function isRead(method: DescMethod): boolean {
  return method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
}

/** Returns the later of two positions in the write-ahead log, such as "0/16B3740"; "" is the earliest. */
function later(a: string, b: string): string {
  const numbers = (position: string) => position.split("/").map((digits) => Number.parseInt(digits, 16) || 0);
  const [[aHigh = 0, aLow = 0], [bHigh = 0, bLow = 0]] = [numbers(a), numbers(b)];
  return aHigh > bHigh || (aHigh === bHigh && aLow >= bLow) ? a : b;
}

/** Returns the milliseconds to wait before the next attempt. */
export function backoff(attempt: number, failure: AccordError): number {
  const bound = Math.min(maxBackoffMs, firstBackoffMs * 2 ** (attempt - 1));
  return failure.retryAfterMs ?? bound * (0.5 + Math.random() / 2);
}

/** Waits, or throws as soon as the signal is aborted. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(AccordError.from(signal?.reason));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) {
      abort();
    }
  });
}
