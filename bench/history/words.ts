import { below, randomOf, type Random } from '@wan-image/testing/random-response';

/** Words in the order of how often they occur: the first ones are real, the others are made of characters and syllables. */
export interface Vocabulary {
  readonly words: readonly string[];
  /** By Zipf's law: the second word half as often as the first. */
  pick(random: Random): string;
}

const CHINESE_WORDS = 12_000;
const ENGLISH_WORDS = 8_000;
const HAN_CHARACTERS = 3_000;

const FREQUENT_CHINESE =
  '高清 一只 猫 柔光 背景 白色 水彩 电影质感 少女 城市 夜景 细节 产品摄影 古风 国潮 海报 花园 雪山 日出 窗台 灯塔 插画 写实 特写 霓虹 雨 森林 人像 极简 老人 咖啡 茶 红色 金色 广角镜头 油画 赛博朋克 龙 凤凰 面馆 灯笼 汉服 江南 水墨 山水 竹林 月光 猫咪 狗 马 鲸鱼 星空 宇航员 机器人 建筑 室内 客厅 书房 厨房 沙发 木质 玻璃 倒影 雾 晨光 黄昏 春天 秋天 冬天 樱花 荷花 牡丹 向日葵 瀑布 海边 沙滩 船 桥 古镇 石板路 油纸伞 剪纸 青花瓷 旗袍 京剧 舞狮 春节 中秋 端午 月饼 饺子 火锅 奶茶 甜品 水果 香水 口红 手表 球鞋 耳机 手机 汽车 摩托车 火车 飞机 图标 标志 字体 包装 名片 封面 头像 壁纸 贴纸'.split(
    ' ',
  );

const FREQUENT_ENGLISH =
  'a the of in with and on light cinematic detailed portrait 4k soft background studio white photo realistic style city night high lighting product red old woman man cat watercolor shot ultra masterpiece street morning snow fox golden blue forest mountain sea neon rain reflection wide angle lens depth field macro vintage film minimal poster logo flat vector icon isometric render 3d anime ink paper glass wood marble coffee tea flower rose garden sunset sunrise fog moon star astronaut robot dragon castle bridge river lake boat car train bicycle shoe watch perfume bottle cake noodles'.split(
    ' ',
  );

/** The same words in each run. */
export const CHINESE = /* @__PURE__ */ vocabularyOf([...FREQUENT_CHINESE, ...madeUp(CHINESE_WORDS, chineseWords())]);
export const ENGLISH = /* @__PURE__ */ vocabularyOf([...FREQUENT_ENGLISH, ...madeUp(ENGLISH_WORDS, englishWords())]);

/** Weights of ranks from 1: `1 / rank`, each with the sum of all before it. */
export function zipf(count: number): (random: Random) => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) sums[rank] = sum += 1 / (rank + 1);
  return (random) => {
    const at = random() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function vocabularyOf(all: readonly string[]): Vocabulary {
  const words = [...new Set(all)];
  const rank = zipf(words.length);
  return { words, pick: (random) => words[rank(random)] ?? '' };
}

function madeUp(count: number, next: () => string): string[] {
  return Array.from({ length: count }, next);
}

function chineseWords(): () => string {
  const random = randomOf(1);
  // Of the 20,900 characters of the block, so that they are as spread as real ones.
  const characters = Array.from({ length: HAN_CHARACTERS }, (_, index) => String.fromCodePoint(0x4e00 + index * 6));
  // A permutation: neither neighbors in the block nor in frequency belong together.
  for (let index = characters.length - 1; index > 0; index--) {
    const other = below(random, index + 1);
    [characters[index], characters[other]] = [characters[other] ?? '', characters[index] ?? ''];
  }
  const rank = zipf(HAN_CHARACTERS);
  return () => {
    const size = random();
    const length = size < 0.1 ? 1 : size < 0.75 ? 2 : size < 0.9 ? 3 : 4;
    return Array.from({ length }, () => characters[rank(random)] ?? '').join('');
  };
}

function englishWords(): () => string {
  const random = randomOf(2);
  const [starts, vowels, ends] = [
    'b c d f g h k l m n p r s t v w st tr ch br',
    'a e i o u ea ou',
    'n r s t l d ck ng',
  ];
  const one = (of: string | undefined): string => {
    const choices = (of ?? '').split(' ');
    return choices[below(random, choices.length)] ?? '';
  };
  return () =>
    Array.from({ length: 1 + below(random, 3) }, () => one(starts) + one(vowels)).join('') +
    (random() < 0.7 ? one(ends) : '');
}
