/** Width and height of each ratio in {@link RATIO_NAMES}, within the limits of every mode at that resolution. */
export const RATIOS = {
  '1K': ['1512x648', '1280x720', '1248x832', '1152x864', '864x1152', '832x1248', '720x1280'],
  '2K': ['3024x1296', '2560x1440', '2496x1664', '2304x1728', '1728x2304', '1664x2496', '1440x2560'],
  '4K': ['5040x2160', '3840x2160', '4608x3072', '4096x3072', '3072x4096', '3072x4608', '2160x3840'],
} as const;

export const RATIO_NAMES = ['21:9', '16:9', '3:2', '4:3', '3:4', '2:3', '9:16'] as const;

/** Within the limits of every mode: 2048 x 2048 pixels. */
const PIXELS = 2048 * 2048;

/** Words that language models and other APIs use. An omitted size is that of the contract. */
const WORDS: Readonly<Record<string, string | undefined>> = {
  auto: undefined,
  square: '1:1',
  landscape: '3:2',
  portrait: '2:3',
};

const RATIO = /^(\d{1,4}(?:\.\d{1,2})?)\s*[:/]\s*(\d{1,4}(?:\.\d{1,2})?)$/;

/** A ratio (16:9) or a word for one (landscape, auto) as a size of 2K; anything else unchanged, for the contract to judge. */
export function sizeOfRatio(text: string): string | undefined {
  const word = text.trim().toLowerCase();
  const ratio = Object.hasOwn(WORDS, word) ? WORDS[word] : word;
  if (ratio === undefined) return undefined;
  const [, first = '', second = ''] = RATIO.exec(ratio) ?? [];
  const value = Number(first) / Number(second);
  if (!(value >= 1 / 8 && value <= 8)) return text;
  if (value === 1) return '2K';
  const preset = RATIO_NAMES.findIndex((name) => name === `${first}:${second}`);
  return RATIOS['2K'][preset] ?? closestTo(value);
}

/** The largest size in multiples of 16 with about this ratio. */
function closestTo(ratio: number): string {
  const side = (value: number): number => Math.floor(Math.sqrt(PIXELS * value) / 16) * 16;
  const [width, height] = [side(ratio), side(1 / ratio)];
  // Rounding must not lead beyond 8:1.
  return `${Math.min(width, 8 * height)}x${Math.min(height, 8 * width)}`;
}
