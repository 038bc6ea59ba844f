import { ServiceError } from "../errors";
import { type AccessRequest, type Decision, evaluate } from "./policy";
import { type PolicyDocument, parsePolicyDocument } from "./policy-document";

/** "Some AWS services might require this element and have uniqueness requirements for it" (reference_policies_elements_sid). */
const ANY_SID = /^/;

/**
 * Reads the policy of a topic, a key or a bucket: IAM's grammar, with any text as `Sid`.
 * @param refusal what the service answers to what is no policy
 */
export function parseResourcePolicy(text: string, refusal: (why: string) => ServiceError): PolicyDocument {
  try {
    return parsePolicyDocument(text, ANY_SID);
  } catch (error) {
    if (error instanceof ServiceError && error.code !== "NotModelled") throw refusal(error.message);
    throw error;
  }
}

/** What a service of AWS may do by a policy that was taken earlier; connections between services are encrypted. */
export function serviceMay(
  policy: string,
  service: string,
  request: Omit<AccessRequest, "principal"> & { readonly resource: string },
): Decision {
  return evaluate([parsePolicyDocument(policy, ANY_SID)], {
    ...request,
    principal: { type: "Service", id: service },
    context: { "aws:SecureTransport": "true", "aws:PrincipalIsAWSService": "true", ...request.context },
  });
}
