import { everyPointOf } from './suite';

everyPointOf('flinks-auth-secret');
