import type { NodeCase } from './case.mts';

const ITEMS = [0, 1, 2];
const THREE = {
  input: ITEMS.map(() => ({ json: {} })),
  ofItems: [{ prompt: 'one' }, { prompt: 'two' }, { prompt: 'three' }],
  parameters: { output: 'url' },
};

export const CREDENTIAL_CASES: readonly NodeCase[] = [
  {
    name: 'the key and the URL of a credential with expressions are those of each item',
    ...THREE,
    credential: (item) => ({ apiKey: `key-of-${item}`, baseUrl: `https://api-${item}.example.com` }),
    items: ITEMS.map((item) => ({ pairedItem: { item } })),
    sent: ITEMS.map((item) => ({
      url: `https://api-${item}.example.com/v1/images/generations`,
      headers: { authorization: `Bearer key-of-${item}` },
    })),
  },
  {
    name: 'a credential that fails for an item fails that item alone',
    ...THREE,
    credential: (item) => ({ apiKey: item === 1 ? '' : 'key' }),
    continueOnFail: true,
    items: [
      { json: { index: 0 }, pairedItem: { item: 0 } },
      { json: { message: /^API Key/ }, pairedItem: { item: 1 } },
      { json: { index: 0 }, pairedItem: { item: 2 } },
    ],
    sent: [{ body: { prompt: 'one' } }, { body: { prompt: 'three' } }],
  },
];
