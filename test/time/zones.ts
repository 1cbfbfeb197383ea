import type { Window } from '../../src/types';

/** Zones whose clocks are set in every way that there is. */
export const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe', // by half an hour
  'America/Sao_Paulo', // at midnight, until 2019
  'America/Santiago', // at midnight
  'America/Havana', // at midnight, back from one
  'Africa/Cairo', // at midnight, from 2023
  'Africa/Casablanca', // four times a year, around Ramadan
  'Pacific/Apia', // a whole day left out, in 2011
  'Asia/Kathmandu', // never; 45 minutes off the hour
  'UTC',
] as const;

/** Times of day at which clocks are set, and others. */
export const WINDOWS: readonly Pick<Window, 'from' | 'to'>[] = [
  { from: '02:15', to: '02:45' },
  { from: '02:30', to: '03:15' },
  { from: '01:30', to: '02:30' },
  { from: '02:00', to: '05:00' },
  { from: '00:00', to: '00:30' },
  { from: '00:30', to: '03:00' },
  { from: '23:30', to: '00:15' },
  { from: '22:00', to: '05:00' },
  { from: '12:00', to: '13:00' },
];
