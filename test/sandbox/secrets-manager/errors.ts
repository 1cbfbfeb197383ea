/**
 * The errors that Secrets Manager answers with. Every client error is HTTP 400, ResourceNotFoundException included
 * (recorded from AWS: localstack `test_secretsmanager.snapshot.json`); only InternalServiceError is a 500.
 * A message never holds a secret value.
 */
export class AwsError extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
    this.name = type;
  }
}

export const validation = (message: string) => new AwsError('ValidationException', message);
export const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message);
export const invalidRequest = (message: string) => new AwsError('InvalidRequestException', message);
const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);
export const exists = (message: string) => new AwsError('ResourceExistsException', message);
export const limitExceeded = (message: string) => new AwsError('LimitExceededException', message);
export const badNextToken = () => new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.');
export const throttled = () => new AwsError('ThrottlingException', 'Rate exceeded');
export const internal = () => new AwsError('InternalServiceError', 'An error occurred on the server side.', 500);

export const noSuchSecret = () => notFound("Secrets Manager can't find the specified secret.");
export const noSuchVersion = (id: string) =>
  notFound(`Secrets Manager can't find the specified secret value for VersionId: ${id}`);
export const noSuchStage = (stage: string) =>
  notFound(`Secrets Manager can't find the specified secret value for staging label: ${stage}`);
export const markedForDeletion = () =>
  invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");

/** @param action without its service, like `GetSecretValue` */
export const accessDenied = (action: string, resource: string | undefined) =>
  new AwsError(
    'AccessDeniedException',
    `User: arn:aws:sts::123456789012:assumed-role/sandbox is not authorized to perform: secretsmanager:${action} ` +
      `on resource: ${resource ?? '*'} because no identity-based policy allows the secretsmanager:${action} action`,
  );
export const kmsDenied = () => new AwsError('AccessDeniedException', 'Access to KMS is not allowed');
