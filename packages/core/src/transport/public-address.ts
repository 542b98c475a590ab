/** IPv4 blocks outside the public internet, as first address and prefix length (IANA special-purpose registry). */
const SPECIAL_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** IPv6 blocks in 2000::/3 outside the public internet: protocol assignments and Teredo, documentation, 6to4, documentation. */
const SPECIAL_IPV6: readonly (readonly [readonly number[], number])[] = [
  [[0x2001, 0x0000], 23],
  [[0x2001, 0x0db8], 32],
  [[0x2002, 0x0000], 16],
  [[0x3fff, 0x0000], 20],
];

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Names that are never on the public internet. */
const LOCAL_NAME = /(^|\.)(localhost|local|internal|home\.arpa)\.?$/i;

/** Whether an IP address is on the public internet: no loopback, no private network, no metadata service of a cloud. */
export function isPublicAddress(address: string): boolean {
  if (IPV4.test(address)) return isPublicIpv4(address);
  const groups = ipv6Groups(address);
  if (groups === null) return false;
  // ::ffff:a.b.c.d stands for an IPv4 address.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    return isPublicIpv4([high >> 8, high & 0xff, low >> 8, low & 0xff].join('.'));
  }
  const isGlobal = ((groups[0] ?? 0) & 0xe000) === 0x2000;
  return isGlobal && !SPECIAL_IPV6.some(([block, length]) => isInBlock(groups, block, length));
}

/** Why a request to the host of a URL is refused, as far as that is known without DNS; otherwise null. */
export function hostProblem(url: URL): string | null {
  // `URL` puts IPv6 in brackets and normalizes IPv4 to four decimal numbers.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isAddress = IPV4.test(host) || host.includes(':');
  const isPublic = isAddress ? isPublicAddress(host) : !LOCAL_NAME.test(host);
  return isPublic ? null : `${host} is not on the public internet`;
}

function isPublicIpv4(address: string): boolean {
  const number = ipv4Number(address);
  return !SPECIAL_IPV4.some(([first, length]) => {
    const size = 2 ** (32 - length);
    return Math.floor(number / size) === Math.floor(ipv4Number(first) / size);
  });
}

function ipv4Number(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

/** The eight groups of an IPv6 address; null if the text is not one. */
function ipv6Groups(address: string): readonly number[] | null {
  if (!/^[0-9a-f:.]+$/i.test(address) || !address.includes(':')) return null;
  // An IPv4 address may replace the last two groups.
  const hex = address.replace(/\d+\.\d+\.\d+\.\d+$/, (ipv4) => {
    const number = ipv4Number(ipv4);
    return `${Math.floor(number / 0x10000).toString(16)}:${(number % 0x10000).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return null;
  return [...before, ...Array<string>(missing).fill('0'), ...after].map((group) => Number.parseInt(group, 16));
}

function isInBlock(groups: readonly number[], block: readonly number[], length: number): boolean {
  const bits = (of: readonly number[]): number => (of[0] ?? 0) * 0x10000 + (of[1] ?? 0);
  const size = 2 ** (32 - length);
  return Math.floor(bits(groups) / size) === Math.floor(bits(block) / size);
}
