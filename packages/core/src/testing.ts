/** For tests of a transport, or of code that uses the client. Runs on Node. */
export { createFakeClock, type FakeClock } from './testing/fake-clock.ts';
export { transportContract, type TransportCase } from './testing/transport-contract.ts';
