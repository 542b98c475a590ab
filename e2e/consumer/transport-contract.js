import process from 'node:process';
import { createDefaultTransport } from '@wan-image/core';
import { transportContract } from '@wan-image/core/testing';

/** Prints the rules of the contract that the default transport of this runtime breaks. */
const transport = createDefaultTransport();
const broken = [];
for (const { name, check } of transportContract()) {
  await check(transport).catch((error) => broken.push(`${name}: ${error.message}`));
}
process.stdout.write(JSON.stringify(broken));
