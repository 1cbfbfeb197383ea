/**
 * Loaded first into every process of tests, demo and sandbox (NODE_OPTIONS, jest's setupFiles): an outgoing connection to
 * anything but this machine throws, so that no mistake in a test reaches a real store. The one exception is the Redis that
 * TEST_REDIS_URL names, since somebody gave it for tests on purpose.
 *
 * All of Node's clients (http, https, tls, fetch, and so axios, the AWS SDK and ioredis) end in Socket#connect. Plain
 * JavaScript, because it must be there before anything is built.
 */
const net = require('node:net');

const PATCHED = Symbol.for('secret-rotation-worker.refuse-remote');
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/i;

class RemoteRefusedError extends Error {
  name = 'RemoteRefusedError';
  code = 'ERR_REMOTE_REFUSED';
}

/** Socket#connect takes (options), (port, host), (path), or the array that net.connect has already normalised from these. */
function targetOf(args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (first !== null && typeof first === 'object') return first;
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { path: first };
  return { port: first, host: typeof second === 'string' ? second : undefined };
}

function isAllowed({ path, host, port }) {
  if (path) return true;
  const name = (host || 'localhost').replace(/^\[|\]$/g, '');
  return LOOPBACK.test(name) || isTestRedis(name, port);
}

function isTestRedis(host, port) {
  const given = process.env.TEST_REDIS_URL;
  if (!given || !URL.canParse(given)) return false;
  const { hostname, port: givenPort } = new URL(given);
  return hostname.replace(/^\[|\]$/g, '') === host && Number(givenPort || 6379) === Number(port);
}

if (!net.Socket.prototype[PATCHED]) {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype[PATCHED] = true;
  net.Socket.prototype.connect = function connectOnThisMachine(...args) {
    const target = targetOf(args);
    if (isAllowed(target)) return connect.apply(this, args);
    this.destroy();
    throw new RemoteRefusedError(
      `Refused to connect to ${target.host}:${target.port}: tests, demo and sandbox stay on this machine (scripts/lib/refuse-remote.cjs)`,
    );
  };
}
