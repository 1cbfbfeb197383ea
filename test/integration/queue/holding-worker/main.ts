// A worker that takes a job, says so, and holds it until it is killed. Arguments: Redis's URL, prefix, queue.

import { connect } from '../../../../src/queue/connection';
import { createWorkers } from '../../../../src/queue/workers';
import { redisConfigOf } from '../../../support/redis-config';
import { recordingLog } from '../recording-log';

const [url = '', prefix = '', queue = ''] = process.argv.slice(2);
const log = recordingLog();
createWorkers({ patient: connect(redisConfigOf(url), log).patient, prefix, log }).start(queue, 1, (job) => {
  console.log(`took ${job.id}`);
  return new Promise(() => {});
});
