import { type Operation, vendorOf } from '../vendor-facts/operations';

const finoutError = (error: string) => ({ requestId: 'f1f1f1f1-synthetic', error, message: 'synthetic' });

/** The body of a 500, as far as the vendor documents one. Flinks data sharing documents none: UNKNOWN. */
export function serverErrorBody(operation: Operation): unknown {
  if (operation === 'flinks-outbound.token') return { error: 'server_error', error_description: 'synthetic' };
  switch (vendorOf(operation)) {
    case 'flinks-outbound':
      return { message: 'Internal Server Error' };
    case 'flinks-data-sharing':
      return {};
    case 'finicity':
      return { code: '10000', message: 'Internal error' };
    case 'finout':
      return finoutError('Internal Server Error');
  }
}

/** The body of a 429. Documented by no vendor for these operations; 3300001 is Finicity's code elsewhere (3.3). */
export function throttledBody(operation: Operation): unknown {
  switch (vendorOf(operation)) {
    case 'flinks-outbound':
      return { message: 'Too many requests' };
    case 'flinks-data-sharing':
      return { HttpStatusCode: 429, FlinksCode: 'TOO_MANY_REQUESTS' };
    case 'finicity':
      return { code: '3300001', message: 'Too many requests' };
    case 'finout':
      return finoutError('Too Many Requests');
  }
}
