import type { FormField, RequestCase } from './case.ts';
import { BASE, refused, SENT } from './common.ts';

const URL_OF_IMAGE = 'https://example.com/1.png';
const FIELDS: readonly FormField[] = [...Object.entries(BASE), ['image', URL_OF_IMAGE]];

const form = (name: string, fields: readonly FormField[], expected: Omit<RequestCase, 'name'>): RequestCase => ({
  name,
  path: '/v1/images/edits',
  body: { form: [...FIELDS, ...fields] },
  ...expected,
});

const sent = (more: object): Pick<RequestCase, 'status' | 'sent'> => ({
  status: 200,
  sent: [{ ...SENT, image: URL_OF_IMAGE, ...more }],
});

export const FORM_CASES: readonly RequestCase[] = [
  form(
    'lists and objects of the vendor go on as such',
    [
      ['bbox_list', '[[[1, 2, 30, 40]]]'],
      ['color_palette', ' [{"hex": "#c2d1e6", "ratio": "23.51%"}]'],
      ['options', '{"a": {"b": null}}'],
    ],
    sent({
      bbox_list: [[[1, 2, 30, 40]]],
      color_palette: [{ hex: '#c2d1e6', ratio: '23.51%' }],
      options: { a: { b: null } },
    }),
  ),
  form(
    'what only looks like JSON goes on as text',
    [
      ['note', '[draft] a fox'],
      ['other', '7'],
    ],
    sent({ note: '[draft] a fox', other: '7' }),
  ),
  {
    name: 'a prompt that is JSON stays a text',
    path: '/v1/images/edits',
    body: { form: [...FIELDS.filter(([name]) => name !== 'prompt'), ['prompt', '{"scene": "a fox"}']] },
    ...sent({ prompt: '{"scene": "a fox"}' }),
  },
  form('a list that is nested too deeply is refused', [['bbox_list', '['.repeat(101) + ']'.repeat(101)]], {
    status: 400,
    response: refused('bbox_list', /more than 100 levels deep/),
  }),
  form('metadata comes as JSON', [['metadata', '{"order": "4711"}']], {
    ...sent({}),
    record: { metadata: { order: '4711' } },
  }),
  form(
    'metadata comes as fields',
    [
      ['metadata[order]', '4711'],
      ['metadata[shop]', '花'],
    ],
    { ...sent({}), record: { metadata: { order: '4711', shop: '花' } } },
  ),
  form('a mask as text is refused', [['mask_url', URL_OF_IMAGE]], {
    status: 400,
    response: refused('mask_url', /has no masks/),
  }),
];
