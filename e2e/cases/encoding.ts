import type { RequestCase } from './case.ts';
import { BASE, MODEL, refused, SENT } from './common.ts';

const json = JSON.stringify(BASE);
const NOT_UTF8 = refused(null, /not UTF-8.*Encode the whole body as UTF-8/);

/** 花店 in GBK. */
const GBK = Buffer.from([0xbb, 0xa8, 0xb5, 0xea]);

function jsonWith(prompt: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`{"model":"${MODEL}","size":"1K","prompt":"`), prompt, Buffer.from('"}')]);
}

function formWith(prompt: Uint8Array, type = 'text/plain'): Uint8Array {
  const part = (name: string, value: Uint8Array | string): Buffer =>
    Buffer.concat([
      Buffer.from(`--b\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: ${type}\r\n\r\n`),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ]);
  return Buffer.concat([
    part('model', MODEL),
    part('size', '1K'),
    part('prompt', prompt),
    part('image', 'https://example.com/1.png'),
    Buffer.from('--b--\r\n'),
  ]);
}

const PROJECTS = { path: '/v1/projects' };

const FORM = { path: '/v1/images/edits', headers: { 'content-type': 'multipart/form-data; boundary=b' } };

export const ENCODING_CASES: readonly RequestCase[] = [
  { name: 'GBK is refused', body: jsonWith(GBK), status: 400, response: NOT_UTF8 },
  {
    name: 'GBK is refused where it is stated',
    headers: { 'content-type': 'application/json; charset=GBK' },
    body: jsonWith(GBK),
    status: 400,
    response: refused(null, /not UTF-8 \(its charset is GBK\)/),
  },
  { name: 'Latin-1 is refused', body: jsonWith(Buffer.from('café', 'latin1')), status: 400, response: NOT_UTF8 },
  {
    name: 'bytes that happen to be UTF-8 are refused where another charset is stated',
    headers: { 'content-type': 'application/json; charset="iso-8859-1"' },
    body: jsonWith(Buffer.from('Ã©', 'latin1')),
    status: 400,
    response: NOT_UTF8,
  },
  { name: 'UTF-16 is refused', body: Buffer.from(json, 'utf16le'), status: 400, response: NOT_UTF8 },
  {
    name: 'UTF-16 with a byte order mark is refused',
    body: Buffer.from(`\uFEFF${json}`, 'utf16le'),
    status: 400,
    response: NOT_UTF8,
  },
  { name: 'UTF-8 is accepted', body: Buffer.from(json), status: 200, sent: [SENT] },
  { name: 'UTF-8 with a byte order mark is accepted', body: `\uFEFF${json}`, status: 200, sent: [SENT] },
  {
    name: 'ASCII is accepted under any name that has it',
    headers: { 'content-type': 'application/json; charset=ISO-8859-1' },
    body: JSON.stringify(BASE).replace(/[^\0-~]/g, (found) => `\\u${found.charCodeAt(0).toString(16)}`),
    status: 200,
    sent: [SENT],
  },
  {
    ...PROJECTS,
    name: 'GBK is refused by every route',
    body: Buffer.concat([Buffer.from('{"name":"'), GBK, Buffer.from('"}')]),
    status: 400,
    response: NOT_UTF8,
  },
  {
    ...PROJECTS,
    name: 'another charset is refused by every route',
    headers: { 'content-type': 'application/json; charset=GBK' },
    body: Buffer.concat([Buffer.from('{"name":"'), GBK, Buffer.from('"}')]),
    status: 400,
    response: refused(null, /not UTF-8 \(its charset is GBK\)/),
  },
  {
    ...PROJECTS,
    name: 'UTF-8 with a byte order mark is accepted by every route',
    body: '\uFEFF{"name":"花店"}',
    status: 201,
    response: { name: '花店' },
  },
  { ...FORM, name: 'GBK in a form is refused', body: formWith(GBK), status: 400, response: NOT_UTF8 },
  {
    ...FORM,
    name: 'GBK in a form is refused where it is stated',
    body: formWith(GBK, 'text/plain; charset=gbk'),
    status: 400,
    response: NOT_UTF8,
  },
  {
    ...FORM,
    name: 'UTF-8 in a form is accepted',
    body: formWith(Buffer.from('花店')),
    status: 200,
    sent: [{ model: MODEL, size: '1K', prompt: '花店', image: 'https://example.com/1.png', n: 1 }],
  },
];
