import type { RequestCase } from './case.ts';
import { BASE, SENT } from './common.ts';

const DROPPED = {
  quality: 'high',
  style: 'vivid',
  background: 'transparent',
  moderation: 'low',
  output_format: 'webp',
  output_compression: 80,
  partial_images: 2,
  input_fidelity: 'high',
};

export const WARNING_CASES: readonly RequestCase[] = [
  {
    name: 'each parameter of the models of OpenAI is dropped and named',
    body: { json: { ...BASE, ...DROPPED } },
    status: 200,
    responseHeaders: {
      warning: Object.keys(DROPPED)
        .map((name) => `299 - "${name} is not a parameter of this model: dropped"`)
        .join(', '),
    },
    record: { dropped: Object.keys(DROPPED) },
    sent: [SENT],
  },
  {
    name: 'a typo is sent, and named',
    body: { json: { ...BASE, seeed: 3 } },
    status: 200,
    responseHeaders: { warning: /^299 - "seeed is not a parameter of this API: sent to the upstream unchanged/ },
    sent: [{ ...SENT, seeed: 3 }],
  },
  {
    name: 'any name is named in ASCII',
    body: { json: { ...BASE, '温"度': 1 } },
    status: 200,
    responseHeaders: { warning: /^299 - "\\\\u6e29\\"\\\\u5ea6 is not a parameter/ },
    sent: [{ ...SENT, '温"度': 1 }],
  },
  {
    name: 'an error has them too',
    body: { json: { ...BASE, prompt: 'x [[simulate status=500]]', seeed: 3 } },
    status: 500,
    responseHeaders: { warning: /seeed/ },
    sent: [{ ...SENT, prompt: 'x [[simulate status=500]]', seeed: 3 }],
  },
  {
    name: 'a plain request has none',
    body: { json: BASE },
    status: 200,
    responseHeaders: { warning: null },
    sent: [SENT],
  },
];
