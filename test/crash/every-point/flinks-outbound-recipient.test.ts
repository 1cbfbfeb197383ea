import { everyPointOf } from './suite';

everyPointOf('flinks-outbound-recipient');
