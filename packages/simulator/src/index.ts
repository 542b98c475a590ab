export type { Call, CallTotals } from './calls/call-log.ts';
export type { SimulatorOptions, StubOptions } from './options.ts';
export { startSimulator, type Simulator } from './simulator.ts';
