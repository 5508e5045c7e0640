import { type Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import type { Status } from "./gen/google/rpc/status_pb.js";

/** A field of a request that the server refuses. */
export interface Violation {
  /** The path of the field, such as "filter.languages[0]". */
  readonly field: string;
  /** What is wrong with it. */
  readonly description: string;
}

/** An error of a call, or of one document of an import. */
export class AccordError extends Error {
  override readonly name = "AccordError";
  /** The gRPC code, such as Code.InvalidArgument. */
  readonly code: Code;
  /** Why the server refuses, such as "INVALID_FIELD"; "" for an error that no server of Accord made. */
  readonly reason: string;
  /** More about the reason, by key. */
  readonly info: Readonly<Record<string, string>>;
  /** The fields that the server refuses. */
  readonly violations: readonly Violation[];
  /** The number of further violations, for which the error had no room. */
  readonly omittedViolations: number;
  /** Milliseconds to wait before the next try, if the server says so. */
  readonly retryAfterMs: number | undefined;
  /** The id by which the server's log names the call; "" if no server answered. */
  readonly requestId: string;

  private constructor(error: ConnectError) {
    super(error.rawMessage, { cause: error });
    const info = error.findDetails(ErrorInfoSchema)[0];
    const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
    this.code = error.code;
    this.reason = info?.reason ?? "";
    this.info = info?.metadata ?? {};
    this.violations = error.findDetails(BadRequestSchema).flatMap((refused) => refused.fieldViolations);
    this.omittedViolations = Number(this.info["omitted"] ?? 0);
    this.retryAfterMs = delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6;
    this.requestId = error.metadata.get("accord-request-id") ?? "";
  }

  /** Returns the error that a call threw as an AccordError. */
  static from(error: unknown): AccordError {
    return error instanceof AccordError ? error : new AccordError(ConnectError.from(error));
  }

  /** Returns the error of a document of an import, or undefined if it has none. */
  static fromStatus(status: Status | undefined): AccordError | undefined {
    if (status === undefined || status.code === 0) {
      return undefined;
    }
    const error = new ConnectError(status.message, status.code);
    error.details = status.details.map((detail) => ({
      type: detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1),
      value: detail.value,
    }));
    return new AccordError(error);
  }
}
