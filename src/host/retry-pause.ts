/** A store that refuses is asked again after 10 ms, 20 ms, … up to this. */
const RETRY_MS_MAX = 5_000;

/** How long to wait after the given number of failures, from 0. */
export const pauseMs = (attempt: number): number => Math.min(10 * 2 ** attempt, RETRY_MS_MAX);
