import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Control } from '../control';
import { receive, sendAnswer } from '../http/exchange';
import { type Listening, listen } from '../http/listen';
import { json } from '../http/wire';
import { answerInspection } from './routes';

/** The inspection door for other processes: the functions of `Control`, as JSON on a port of its own. */
export function startInspection(control: Control, port?: number): Promise<Listening> {
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      sendAnswer(response, answerInspection(control, await receive(incoming)));
    } catch (error) {
      sendAnswer(response, json(500, { error: error instanceof Error ? error.message : String(error) }));
    }
  };
  return listen((incoming, response) => void serve(incoming, response), port);
}
