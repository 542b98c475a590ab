import { below, pick, randomOf, type Random } from '@wan-image/testing/random-response';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from './public-address.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Block = readonly [first: Address, prefixLength: number];

/** Special ranges of ipaddr.js that the IANA registries mark as globally reachable: anycast services on the public internet. */
const GLOBALLY_REACHABLE = new Set(['as112', 'amt']);
const GLOBALLY_REACHABLE_IPV6 = ipaddr.IPv6.parseCIDR('2620:4f:8000::/48');

/** The addresses that IANA has allocated so far. ipaddr.js calls unallocated ones `unicast`; the guard refuses them. */
const ALLOCATED_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** The judgement of ipaddr.js, with the two deliberate differences above. An IPv4-mapped address counts as its IPv4 address. */
function oracle(text: string): boolean {
  const address = ipaddr.process(text);
  const range = address.range();
  if (address instanceof ipaddr.IPv4) return range === 'unicast' || GLOBALLY_REACHABLE.has(range);
  if (address.match(GLOBALLY_REACHABLE_IPV6)) return true;
  return range === 'unicast' && address.match(ALLOCATED_IPV6);
}

/** All special ranges that ipaddr.js knows. Its types do not declare the table. */
function blocksOf(prototype: object): Block[] {
  const { SpecialRanges } = prototype as { readonly SpecialRanges: Record<string, Block | readonly Block[]> };
  return Object.values(SpecialRanges).flatMap((blocks) =>
    Array.isArray(blocks[0]) ? (blocks as readonly Block[]) : [blocks as Block],
  );
}

const BLOCKS = [...blocksOf(ipaddr.IPv4.prototype), ...blocksOf(ipaddr.IPv6.prototype)].map(
  ([first, length]) => [`${first.toString()}/${length}`, first, length] as const,
);

/** A random address whose first bits are those of the block, or differ in the last of them. */
function addressNear(random: Random, first: Address, length: number): string {
  const bytes = first.toByteArray().map((byte, index) => {
    const fixed = Math.max(0, Math.min(8, length - index * 8));
    const mask = 0xff >> fixed;
    const rest = pick(random, [0, 0xff, below(random, 256)]);
    return (byte & ~mask) | (rest & mask);
  });
  const last = Math.floor((length - 1) / 8);
  if (random() < 0.5) bytes[last] = (bytes[last] ?? 0) ^ (1 << (7 - ((length - 1) % 8)));
  return ipaddr.fromByteArray(bytes).toString();
}

describe('the public-address guard agrees with ipaddr.js', () => {
  test.each(BLOCKS)('inside and next to %s', (_name, first, length) => {
    const random = randomOf(length);
    for (let round = 0; round < 500; round++) {
      const address = addressNear(random, first, length);
      expect([address, isPublicAddress(address)]).toEqual([address, oracle(address)]);
    }
  });

  test.each([4, 16])('on random addresses of %i bytes', (size) => {
    const random = randomOf(size);
    const counts = { public: 0, special: 0 };
    for (let round = 0; round < 20_000; round++) {
      const bytes = Array.from({ length: size }, () => below(random, 256));
      // Half of the IPv6 addresses are in the allocated eighth.
      if (size === 16 && round % 2 === 0) bytes[0] = 0x20 | (below(random, 256) & 0x1f);
      const address = ipaddr.fromByteArray(bytes).toString();
      const isPublic = oracle(address);
      counts[isPublic ? 'public' : 'special']++;
      expect([address, isPublicAddress(address)]).toEqual([address, isPublic]);
    }
    expect(Math.min(counts.public, counts.special)).toBeGreaterThan(1_000);
  });
});
