import { everyPointOf } from './suite';

everyPointOf('finicity-access-key');
