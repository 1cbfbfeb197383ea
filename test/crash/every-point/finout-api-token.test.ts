import { everyPointOf } from './suite';

everyPointOf('finout-api-token');
