// A process of its own, which trusts what NODE_EXTRA_CA_CERTS names (read only at the start of a process), for one
// state-changing request: node http-probe/main.js BASE_URL PATH [PROXY_URL]. Prints what became of it as one JSON line.

import { RotationError } from '../../../../src/errors';
import { makeVendorHttp } from '../../../../src/providers/http';

async function probe([baseUrl = '', path = '', proxyUrl]: readonly string[]): Promise<unknown> {
  const options = { account: 'probe', baseUrl, timeoutMs: 2_000, now: Date.now };
  const http = makeVendorHttp(proxyUrl === undefined ? options : { ...options, proxyUrl });
  try {
    const reply = await http.send({ route: 'probe', method: 'POST', path: [path], changesState: true });
    return { status: reply.status, body: reply.body.reveal() };
  } catch (error) {
    return error instanceof RotationError ? { error: error.name, ...error.fields } : { error: 'foreign' };
  }
}

void probe(process.argv.slice(2)).then((found) => process.stdout.write(`${JSON.stringify(found)}\n`));
