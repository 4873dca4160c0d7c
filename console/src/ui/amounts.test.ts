import { expect, test } from 'vitest';
import { agoText, bytesText, durationText, latencyText } from './amounts.js';

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1290, '1.2 s'],
  [34_900, '34 s'],
  [184_000, '3 min 4 s'],
  [3_600_000, '1 h'],
  [273_600_000, '3 d 4 h'],
])('%d ms is %s', (ms, text) => expect(durationText(ms)).toBe(text));

test.each([
  [0, 'just now'],
  [12_000, '12 s ago'],
  [300_000, '5 min ago'],
  [10_800_000, '3 h ago'],
  [172_800_000, '2 d ago'],
])('%d ms before now is %s', (ms, text) => expect(agoText(1_000_000_000 - ms, 1_000_000_000)).toBe(text));

test.each([
  [0.42, '0.42 ms'],
  [3.14, '3.1 ms'],
  [120.4, '120 ms'],
])('a latency of %d', (ms, text) => expect(latencyText(ms)).toBe(text));

test.each([
  [0, '0 B'],
  [512, '512 B'],
  [1536, '1.5 KiB'],
  [20 * 1024 * 1024, '20 MiB'],
])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));
