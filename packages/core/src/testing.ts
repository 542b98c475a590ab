/** For whoever writes a transport, or tests code around the client: runs on Node. */
export { createFakeClock, type FakeClock } from './testing/fake-clock.ts';
export { transportContract, type TransportCase } from './testing/transport-contract.ts';
