const VARIABLES = (endpoint: string) => ({
  AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'false-credentials',
});

/** The SDK's own variables, as in production, for a stand-in on loopback. @returns what takes them away again */
export function setAwsVariables(endpoint: string): () => void {
  const names = Object.entries(VARIABLES(endpoint)).map(([name, value]) => {
    process.env[name] = value;
    return name;
  });
  return () => {
    for (const name of names) delete process.env[name];
  };
}
