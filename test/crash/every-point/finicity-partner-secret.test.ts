import { everyPointOf } from './suite';

everyPointOf('finicity-partner-secret');
