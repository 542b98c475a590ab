import type { Random } from './random-response.ts';

const SIMPLIFIED =
  '一只猫坐在窗台上看雨傍晚的海边有一座灯塔古风少女手持油纸伞走过青石板路赛博朋克城市夜景霓虹倒影水彩风格花园里盛开的玫瑰产品摄影白色背景柔光高清细节四季变化雪山日出龙与凤凰飞舞面馆门口的红灯笼老人下棋';
const TRADITIONAL =
  '一隻貓坐在窗臺上看雨龍與鳳凰飛舞傍晚的海邊有一座燈塔體驗館門口的紅燈籠畫風細膩國風插畫電影質感廣角鏡頭';
const ENGLISH =
  'a red fox in the snow soft morning light cinematic portrait of an old fisherman studio lighting 4k ultra detailed masterpiece watercolor city street db seed product photo white background café naïve Zürich';
const JAPANESE = 'さくらの木の下で猫が眠る東京タワーの夜景アニメ風';
const OTHERS = [
  '한국의 전통 가옥',
  'Ночной город под дождём',
  'แมวนั่งริมหน้าต่าง',
  'Οδυσσεύς στο πλοίο ΣΟΦΟΣ',
  'İstanbul ıssız',
];
const EMOJI = ['🐱', '🌸', '👩‍👩‍👧', '🏳️‍🌈', '👍🏽', '✨', '→', '©', '½'];
const FULL_WIDTH = [
  'ＡＢＣ',
  '４Ｋ',
  'ｶﾞｷﾞ',
  'ﾊﾟﾋﾟ',
  '（全角）',
  '！？',
  '～',
  '㈱',
  '㎡',
  'ﬁ',
  '①',
  'Å',
  'Å',
  'A\u030a',
  'é',
  'e\u0301',
  'q\u0323\u0307',
];
const PUNCTUATION = [
  '，',
  '。',
  ', ',
  '. ',
  '!',
  ' ',
  '\n',
  '　',
  '-',
  '_',
  '/',
  '"',
  "'",
  '\\',
  '%',
  ':*',
  ' & ',
  '|',
  '(',
  ')',
  '《',
  '》',
];

/** Prompts as people write them: mostly Chinese and English, of one character to thousands, with whatever keyboards have. */
export function randomPrompt(random: Random): string {
  const pick = <T>(of: ArrayLike<T>): T => of[Math.floor(random() * of.length)] as T;
  const run = (text: string, most: number): string => {
    const characters = Array.from(text);
    const start = Math.floor(random() * characters.length);
    return characters.slice(start, start + 1 + Math.floor(random() * most)).join('');
  };
  const part = (): string => {
    const kind = random();
    if (kind < 0.4) return run(SIMPLIFIED, 12);
    if (kind < 0.5) return run(TRADITIONAL, 8);
    if (kind < 0.75) return run(ENGLISH, 25);
    if (kind < 0.8) return run(JAPANESE, 8);
    if (kind < 0.84) return pick(OTHERS);
    if (kind < 0.9) return pick(EMOJI);
    return pick(FULL_WIDTH);
  };
  const size = random();
  if (size < 0.02) return Array.from(part())[0] ?? '猫';
  const parts = size < 0.9 ? 2 + Math.floor(random() * 12) : size < 0.99 ? 40 : 700;
  const text = Array.from({ length: parts }, () => part() + (random() < 0.4 ? pick(PUNCTUATION) : '')).join('');
  const cut = Array.from(random() < 0.1 ? text.toUpperCase() : text).slice(0, 5_000);
  return cut.join('') || '猫';
}

/** Searches: mostly parts of a text, some of them changed; one to six characters, one to three words. */
export function randomSearch(random: Random, texts: readonly string[]): string {
  const pick = (): readonly string[] => Array.from(texts[Math.floor(random() * texts.length)] ?? '');
  const wordOf = (characters: readonly string[]): string => {
    const start = Math.floor(random() * characters.length);
    const word = characters.slice(start, start + 1 + Math.floor(random() * 6)).join('');
    const change = random();
    if (change < 0.1) return word.toUpperCase();
    if (change < 0.2) return word.normalize('NFD');
    if (change < 0.25) return word.normalize('NFKC');
    if (change < 0.35 && !word.includes('"')) return `"${word}"`;
    return word;
  };
  const text = pick();
  const words = random() < 0.7 ? 1 : random() < 0.7 ? 2 : 3;
  return Array.from({ length: words }, () => wordOf(random() < 0.85 ? text : pick())).join(' ');
}
