import { describe, expect, test } from 'vitest';
import { ALLOWANCES, isAllowed } from './allowed-words.ts';
import { countsOf, findingsIn, sentenceOf } from './words.ts';

const namesIn = (text: string, path = 'apps/history/src/a.ts'): readonly string[] =>
  findingsIn(path, text).map(({ name }) => name);

describe('picture, answer and reply are found', () => {
  test.each([
    ['const pictureUrl = 1;', 'picture'],
    ['const MAX_PICTURE_BYTES = 1;', 'picture'],
    ['// The answers of the upstream.', 'answer'],
    ["throw new Error('The upstream answered 500');", 'answer'],
    ['class ReplyScanner {}', 'reply'],
    ['const replies = 1;', 'reply'],
    ['/** It replied. */', 'reply'],
  ])('in code: %s', (text, name) => {
    expect(namesIn(text)).toEqual([name]);
  });

  test('in documents, in data and in the path of a file', () => {
    expect(namesIn('A reply with a picture.', 'docs/a.md')).toEqual(['picture', 'reply']);
    expect(namesIn('{ "description": "Answers" }', 'package.json')).toEqual(['answer']);
    expect(namesIn('', 'docs/answers.md')).toEqual(['answer']);
  });

  test('but not in words that only begin like them', () => {
    expect(namesIn('The replica replicates.', 'docs/a.md')).toEqual([]);
  });
});

describe('a private name is found', () => {
  test.each([
    ['class OnceService {}', 'OnceService'],
    ['const left = new AbortController();', 'left'],
    ['this.#underWay = new Map();', 'underWay'],
    ['readonly #count = new Map();', '#count'],
    ['function given() {}', 'given'],
    ['type A = Landed;', 'Landed'],
    ['const text = `${left}`;', 'left'],
  ])('as an identifier: %s', (text, name) => {
    expect(namesIn(text)).toEqual([name]);
  });

  test.each([
    ['// What is left of it was given.'],
    ["const text = 'the whole left part';"],
    ['const text = `a round of ${count}`;'],
    ["const text = `${isLast ? '' : 'what is left'}`;"],
    ['const leftover = rounds + partial;'],
    ['const count = first.join();'],
  ])('but not elsewhere: %s', (text) => {
    expect(namesIn(text)).toEqual([]);
  });

  test('but not in documents', () => {
    expect(namesIn('What is left.', 'docs/a.md')).toEqual([]);
  });
});

test('a finding names the place, the word and the term', () => {
  const [inText] = findingsIn('docs/a.md', 'Yes.\nA picture.');
  expect(sentenceOf(inText!)).toBe('docs/a.md:2: "picture": use image');
  const [inPath] = findingsIn('docs/pictures.md', '');
  expect(sentenceOf(inPath!)).toBe('docs/pictures.md: "picture": use image');
});

test('the list counts words by folder', () => {
  const findings = [...findingsIn('docs/a.md', 'A reply, a reply, an answer.'), ...findingsIn('a.md', 'A reply.')];
  expect(countsOf(findings)).toBe('.: reply 1\ndocs: answer 1, reply 2\n');
});

describe('allowed', () => {
  const isFree = (path: string, text: string): boolean =>
    findingsIn(path, text).every((finding) => ALLOWANCES.some((allowance) => isAllowed(finding, allowance)));

  test.each([
    ['apps/history/src/http/a.ts', 'function send(request: FastifyRequest, reply: FastifyReply): void {'],
    ['apps/history/src/http/a.ts', "void reply.header('etag', etag);"],
    ['apps/history/src/sweep/sweep.repository.ts', "'select id from picture_store'"],
    ['apps/history/src/database/migrations/2026-11-26-picture-urls.ts', 'class PictureUrls1795651200000 {}'],
    ['apps/history/src/links/a.ts', "const DOMAIN = 'wan-image picture URL, version 1';"],
    ['bench/gateway/a.ts', 'const ms = Math.round(time);'],
  ])('is in %s: %s', (path, text) => {
    expect(findingsIn(path, text)).not.toEqual([]);
    expect(isFree(path, text)).toBe(true);
  });

  test.each([
    ['apps/history/src/http/a.ts', '// The end of the reply.'],
    ['packages/core/src/a.ts', 'function send(request: Request, reply: Reply): void {'],
    ['apps/history/src/sweep/a.ts', 'class PictureStore {}'],
    ['apps/history/src/sweep/a.ts', 'const round = 1;'],
  ])('is not in %s: %s', (path, text) => {
    expect(isFree(path, text)).toBe(false);
  });
});
