import type { Seed, Stimulus, StimulusBody } from '../interpreter/index.js';

/** The two halves of a stimulus. The spread stands last: in front it would give each object a hidden class of its own, at ten times the cost. */
export const stimulusOf = (body: StimulusBody, at: number, seed: Seed): Stimulus => ({ at, seed, ...body }) as Stimulus; // the two halves of a Stimulus
