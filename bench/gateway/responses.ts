import { NumberedImages } from './numbered-images.ts';

interface CannedResponse {
  /** Selects the response in the stub: every gateway passes the prompt on as it is. */
  readonly prompt: string;
  readonly images: number;
  /** Of each image. Null: as many as its pixels take. */
  readonly bytes: number | null;
  readonly delayMs: number;
}

/** As long as a prompt that people write with care: 200 characters. */
const CHINESE_PROMPT =
  '清晨的江南水乡，薄雾笼罩着青石板铺成的小巷，一位身穿淡蓝色旗袍的女子撑着油纸伞缓缓走过拱桥，桥下的乌篷船随着水波轻轻摇晃，' +
  '船头的老渔夫戴着斗笠，收起挂满露珠的渔网。两岸白墙黛瓦，屋檐下悬着一排红灯笼，柳枝垂到水面，荡开一圈圈涟漪。' +
  '远处的山峦层层叠叠，淡墨般融入天际，一行白鹭掠过水田。整体采用中国传统水墨画风格，留白考究，色调清雅，光线柔和，' +
  '细节丰富，构图遵循三分法，右上角题一行行书小字与朱红印章。';

/** What the stub can respond with. */
export const RESPONSES = {
  tiny: { prompt: 'tiny', images: 1, bytes: 2048, delayMs: 0 },
  large: { prompt: 'large', images: 4, bytes: 12 * 1024 * 1024, delayMs: 0 },
  late: { prompt: 'late', images: 1, bytes: 2048, delayMs: 20_000 },
  real: { prompt: CHINESE_PROMPT, images: 1, bytes: null, delayMs: 0 },
} as const satisfies Record<string, CannedResponse>;

export type ResponseName = keyof typeof RESPONSES;

const NAMES = Object.keys(RESPONSES) as readonly ResponseName[];

export function isResponseName(name: string): name is ResponseName {
  return Object.hasOwn(RESPONSES, name);
}

/** Undefined where no response is selected by this prompt. */
export function responseNameOf(prompt: string): ResponseName | undefined {
  return NAMES.find((name) => RESPONSES[name].prompt === prompt);
}

/** Width and height of what the models call 2K. */
const PIXELS_2K = 2048;

export function imagesOf(name: ResponseName): NumberedImages {
  const { bytes } = RESPONSES[name];
  return bytes === null ? NumberedImages.ofPixels(PIXELS_2K) : NumberedImages.ofBytes(bytes);
}
