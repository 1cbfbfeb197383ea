import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Outcome, playOut } from '../faults';
import { checkRequest } from '../vendor-facts/check-request';
import { findOperation, type Operation, type Vendor } from '../vendor-facts/operations';
import type { World } from '../world';
import { receive, send } from './exchange';
import { type Listening, listen } from './listen';
import type { PathParameters } from './paths';
import { json, type WireAnswer, type WireRequest } from './wire';

/** One request of a documented operation, with its path parameters decoded. */
interface Call {
  readonly request: WireRequest;
  readonly parameters: PathParameters;
}

/** Does what the operation does at the vendor, at once, and gives the vendor's answer. */
type Handler = (call: Call) => WireAnswer;

/** A handler for every documented operation of a vendor: a missing one does not compile. */
type Handlers<Name extends Operation> = Readonly<Record<Name, Handler>>;

interface StandInOptions<Name extends Operation> {
  readonly vendor: Vendor;
  readonly handlers: Handlers<Name>;
  /** What the vendor's front does to a path before it routes it. */
  readonly normalise?: (path: string) => string;
  /** Counts a request from its arrival to its answer, and may refuse it. */
  readonly enter?: (request: WireRequest) => { readonly refusal?: WireAnswer; leave(): void };
  readonly port?: number;
}

/** Starts a vendor's stand-in: routing by the documented operations, faults, and a record of every deviation. */
export function startStandIn<Name extends Operation>(world: World, options: StandInOptions<Name>): Promise<Listening> {
  const { vendor } = options;
  const handlers: Partial<Record<Operation, Handler>> = options.handlers;

  const answer = async (request: WireRequest): Promise<Outcome> => {
    const { refusal, leave } = options.enter?.(request) ?? { leave: () => undefined };
    return answerTo(request, refusal).finally(leave);
  };

  const answerTo = async (request: WireRequest, refusal: WireAnswer | undefined): Promise<Outcome> => {
    recordDeviations(world, vendor, request);
    const found = findOperation(vendor, request.method, (options.normalise ?? asIs)(request.path));
    const handler = found === null ? undefined : handlers[found.operation];
    if (found === null || handler === undefined) return noSuchRoute(world, vendor, request);
    const { operation, parameters } = found;
    world.journal.arrived(operation);
    const fault = world.faults.take(operation, request);
    const act = (): WireAnswer => {
      const given = refusal ?? handler({ request, parameters });
      if (given.status < 300) world.journal.tookEffect(operation);
      return given;
    };
    const outcome = await playOut(fault, act, world.later);
    record(world, vendor, operation, request, fault?.kind ?? null, outcome);
    return outcome;
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const request = await receive(incoming);
      world.onWire(request);
      const outcome = await answer(request);
      if (outcome.kind !== 'reset') world.onWire(outcome.answer);
      send(response, outcome);
    } catch (error) {
      if (!response.headersSent) send(response, { kind: 'answer', answer: sandboxFailure(error) });
    }
  };

  return listen((incoming, response) => void serve(incoming, response), options.port);
}

const asIs = (path: string): string => path;

function recordDeviations(world: World, vendor: Vendor, request: WireRequest): void {
  const path = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const deviations = checkRequest(vendor, { ...request, path });
  if (deviations.length > 0) world.journal.deviated({ vendor, method: request.method, path, deviations });
}

function record(
  world: World,
  vendor: Vendor,
  operation: Operation | null,
  request: WireRequest,
  fault: string | null,
  outcome: Outcome,
): void {
  world.journal.seen({
    at: new Date(world.clock.now()).toISOString(),
    vendor,
    operation,
    method: request.method,
    path: request.path,
    fault,
    outcome: outcome.kind === 'reset' ? 'reset' : outcome.answer.status,
  });
}

function noSuchRoute(world: World, vendor: Vendor, request: WireRequest): Outcome {
  const outcome: Outcome = { kind: 'answer', answer: json(404, { message: 'no such route' }) };
  record(world, vendor, null, request, null, outcome);
  return outcome;
}

/** A bug of the sandbox, told apart from anything a vendor says by its status. */
function sandboxFailure(error: unknown): WireAnswer {
  return json(599, { sandboxFailure: error instanceof Error ? error.message : String(error) });
}
