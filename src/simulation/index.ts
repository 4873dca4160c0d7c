export { KINDS } from './machines.js';
export { type SimulationOptions, type SimulationReport, simulate, type Trouble } from './simulation.js';
