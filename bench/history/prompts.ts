import { below, randomOf, type Random } from '@wan-image/testing/random-response';
import { CHINESE, ENGLISH } from './words.ts';

/** Prompts that rows choose from: some of them are used several times, as people repeat theirs. */
const POOL_SIZE = 300_000;

/** In words. */
const FEWEST = 4;
const USUALLY_MORE = 14;

/** 60 % Chinese, 30 % English, 10 % both; the same in each run. */
export function randomPrompt(random: Random): string {
  const index = below(random, POOL_SIZE);
  return promptOf(randomOf(1_000_000 + index));
}

function promptOf(random: Random): string {
  const kind = random();
  // Most have few words, some many.
  const words = FEWEST + Math.floor(-Math.log(1 - random()) * USUALLY_MORE);
  if (kind < 0.6) return chinese(random, words);
  if (kind < 0.9) return english(random, words);
  const half = Math.ceil(words / 2);
  return `${chinese(random, half)} ${english(random, half)}`;
}

function chinese(random: Random, words: number): string {
  let text = '';
  for (let word = 1; word <= words; word++)
    text += CHINESE.pick(random) + (word === words ? '' : random() < 0.25 ? '，' : '');
  return random() < 0.3 ? `${text}。` : text;
}

function english(random: Random, words: number): string {
  let text = '';
  for (let word = 1; word <= words; word++)
    text += ENGLISH.pick(random) + (word === words ? '' : random() < 0.15 ? ', ' : ' ');
  return text;
}
