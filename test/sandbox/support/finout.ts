import type { ShownToken } from '../finout/state';
import type { Sandbox } from '../start';
import { call, type Reply } from './call';

/** A token, and what can be asked with one. */
export interface FinoutBench {
  readonly token: ShownToken;
  ask(token: Pick<ShownToken, 'clientId' | 'secretKey'>, route?: 'view' | 'endpoints'): Promise<Reply>;
}

export function finoutBench({ control, urls }: Sandbox): FinoutBench {
  return {
    token: control.adminPortal.generate({ name: 'synthetic' }),
    ask: ({ clientId, secretKey }, route = 'view') =>
      call(`${urls.finout}/v1/${route}`, {
        headers: { 'x-finout-client-id': clientId, 'x-finout-secret-key': secretKey },
      }),
  };
}
