/** What a cloud answers when it refuses a request: the code and words of the service that is stood in for. */
export class ServiceError extends Error {
  constructor(
    /** The service's own error code: `EntityAlreadyExists`, `Request_BadRequest`, … */
    readonly code: string,
    message: string,
    /** HTTP status, as the service would send it. */
    readonly status: number,
  ) {
    super(message);
    this.name = "ServiceError";
  }
}

/** A failure that the rehearsal causes on purpose; it stands for a lost connection, not for an answer of the service. */
export class InjectedFault extends Error {
  constructor(
    readonly operation: string,
    readonly when: "before" | "after",
  ) {
    super(
      when === "before"
        ? `injected fault: the connection broke before ${operation} was carried out`
        : `injected fault: ${operation} was carried out, but its answer was lost`,
    );
    this.name = "InjectedFault";
  }
}
