import { below, randomOf, type Random } from '@wan-image/testing/random-response';
import { randomPrompt } from './prompts.ts';
import { CHINESE, ENGLISH } from './words.ts';

export interface SearchWork {
  readonly name: string;
  readonly queries: readonly string[];
}

const QUERIES = 50;

/** Queries of each kind: the most frequent words, rare ones, and parts of prompts, which are as frequent as people search for them. */
export function searchWorks(): readonly SearchWork[] {
  const random = randomOf(6);
  return [
    work('1 Chinese character', () => partOf(random, chineseRun(random), 1)),
    work('2 Chinese characters', () => partOf(random, chineseRun(random), 2)),
    work('3 to 6 Chinese characters', () => partOf(random, chineseRun(random), 3 + below(random, 4))),
    work('an English word', () => englishWord(random, 3)),
    work('2 letters', () => partOf(random, englishWord(random, 2), 2)),
    work('Chinese and English', () => `${partOf(random, chineseRun(random), 2)} ${englishWord(random, 3)}`),
    work('the most frequent words', (index) => mostFrequent(index)),
    work('rare words', (index) => rare(random, index)),
    work('frequent apart, rare together', () => apart(random)),
  ];
}

/** Reported, without a target. */
export const RARE_TOGETHER = 'frequent apart, rare together';

function work(name: string, query: (index: number) => string): SearchWork {
  return { name, queries: Array.from({ length: QUERIES }, (_, index) => query(index)) };
}

function chineseRun(random: Random): string {
  for (;;) {
    const run = /\p{Script=Han}{6,}/u.exec(randomPrompt(random))?.[0];
    if (run !== undefined) return run;
  }
}

function partOf(random: Random, text: string, length: number): string {
  const characters = Array.from(text);
  const start = below(random, Math.max(1, characters.length - length + 1));
  return characters.slice(start, start + length).join('');
}

function englishWord(random: Random, shortest: number): string {
  for (;;) {
    const word = ENGLISH.pick(random);
    if (word.length >= shortest) return word;
  }
}

function mostFrequent(index: number): string {
  const { words } = index % 2 === 0 ? CHINESE : ENGLISH;
  return words[(index >> 1) % 10] ?? '';
}

function rare(random: Random, index: number): string {
  const { words } = index % 2 === 0 ? CHINESE : ENGLISH;
  const longEnough = words.filter((word) => word.length >= (index % 2 === 0 ? 2 : 4));
  return longEnough[longEnough.length - 1 - below(random, 2_000)] ?? '';
}

/** A word in one text of a hundred each: in about one of ten thousand together. */
function apart(random: Random): string {
  const [first, second] = [30 + below(random, 200), 30 + below(random, 200)];
  return `${CHINESE.words[first] ?? ''} ${random() < 0.5 ? CHINESE.words[second + 200] : ENGLISH.words[second]}`;
}
