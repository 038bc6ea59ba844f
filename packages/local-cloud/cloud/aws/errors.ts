import { ServiceError } from "../errors";

// Codes and statuses: "Errors" of each operation in the IAM API Reference, and its page "Common Error Types".

export const noSuchEntity = (message: string) => new ServiceError("NoSuchEntity", message, 404);
export const entityAlreadyExists = (message: string) => new ServiceError("EntityAlreadyExists", message, 409);
export const deleteConflict = (message: string) => new ServiceError("DeleteConflict", message, 409);
export const limitExceeded = (message: string) => new ServiceError("LimitExceeded", message, 409);
export const malformedPolicyDocument = (message: string) => new ServiceError("MalformedPolicyDocument", message, 400);
export const validationError = (message: string) => new ServiceError("ValidationError", message, 400);
export const invalidInput = (message: string) => new ServiceError("InvalidInput", message, 400);
export const accessDenied = (message: string) => new ServiceError("AccessDenied", message, 403);
export const invalidClientTokenId = () =>
  new ServiceError("InvalidClientTokenId", "The security token included in the request is invalid", 403);
export const signatureDoesNotMatch = () =>
  new ServiceError(
    "SignatureDoesNotMatch",
    "The signature does not match: the secret access key is not the one of this access key id",
    403,
  );

/** Something AWS can do and this account cannot: said by name, so that nobody takes silence for a yes. */
export const notModelled = (what: string) =>
  new ServiceError(
    "NotModelled",
    `${what} is not part of the local cloud, so it cannot tell what AWS would answer`,
    501,
  );
