import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { AwsClock } from '../clock';
import { callOutcome } from './calls';

const SOCKETS = 64;

export interface ClientOptions {
  readonly clock: AwsClock;
  /** A setting of our own; the environment's proxy variables are not read. */
  readonly proxy?: string | undefined;
  /** Longest wait for one answer. */
  readonly requestTimeoutMs?: number;
  readonly onCall?: ((operation: string, outcome: string) => void) | undefined;
}

/**
 * The SDK's client. Region, credentials and endpoint come from the SDK's own variables and chain. One attempt a call:
 * whether a put was left without an answer must be known, so `retrying` repeats what may be repeated. Without
 * `throwOnRequestTimeout` a silent server holds a call for minutes (measured, shared/secrets-manager.md, section 11).
 */
export function secretsManagerClient({
  clock,
  proxy,
  onCall,
  requestTimeoutMs = 5_000,
}: ClientOptions): SecretsManagerClient {
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  const client = new SecretsManagerClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(agent),
      httpsAgent: proxy === undefined ? new HttpsAgent(agent) : new HttpsProxyAgent(proxy, agent),
    },
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      const sentAt = Date.now();
      const result = await next(args);
      clock.learn(dateHeader(result.response), sentAt, Date.now());
      return result;
    },
    { step: 'deserialize', name: 'learnTimeOfAws', priority: 'low' },
  );
  if (onCall !== undefined) tellCalls(client, onCall);
  return client;
}

function tellCalls(client: SecretsManagerClient, onCall: (operation: string, outcome: string) => void): void {
  client.middlewareStack.add(
    (next, { commandName = 'unknown' }) =>
      async (args) => {
        const operation = commandName.replace(/Command$/, '');
        try {
          const result = await next(args);
          onCall(operation, callOutcome());
          return result;
        } catch (error) {
          onCall(operation, callOutcome(error));
          throw error;
        }
      },
    { step: 'initialize', name: 'tellCalls', priority: 'high' },
  );
}

function dateHeader(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined;
  return typeof headers.date === 'string' ? headers.date : undefined;
}
