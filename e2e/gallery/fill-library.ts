import type { Gallery } from '../support/gallery.ts';

/** What a library was filled with. */
export interface Library {
  /** Ids of images, the newest last. */
  readonly images: readonly string[];
  /** The first image of a set. */
  readonly set: string;
  /** Ids of generations. */
  readonly failed: string;
  readonly unknown: string;
  readonly running: string;
  /** Made from an image that was made by a rerun, so it has ancestors. */
  readonly edited: string;
}

const PROMPTS = [
  '一只橘猫坐在窗台上，水彩画，柔和的晨光，窗外是老城区的屋顶',
  'A lighthouse on a rocky coast at dawn, long exposure, muted colours',
  '山间的雾与松林，国画风格，留白',
  'A red bicycle against a yellow wall, hard shadows',
  '夜晚的城市街道，霓虹灯倒映在雨后的路面上',
  'Portrait of an old sailor, oil painting, warm light',
  '一碗热气腾腾的牛肉面，美食摄影，俯拍',
  'An isometric tiny house with a garden, clay render',
  '海边的女孩与风筝，胶片质感',
  'Macro photograph of a snail on a mushroom after rain',
] as const;

const SIZES = ['1K', '1280x720', '768x1024', '1536x1024', '2048x878', '1024x1536'] as const;

/** Fills a service with what a library has after a few days of work: images of all shapes, sets, failures, tags, reruns and edits. */
export async function fillLibrary({ history }: Pick<Gallery, 'history'>): Promise<Library> {
  const images: string[] = [];
  const ids: string[] = [];
  for (const [index, prompt] of [...PROMPTS, ...PROMPTS].entries()) {
    const { id } = await history.submit({
      model: index % 3 === 0 ? 'wan2.7-image-pro' : 'wan2.7-image',
      prompt,
      size: SIZES[index % SIZES.length] ?? '1K',
      n: index % 7 === 0 ? 2 : 1,
      seed: index * 1009,
    });
    const record = await history.get(id, { wait: 60 });
    ids.push(id);
    images.push(...record.images.map((image) => image.id));
    if (index % 4 === 0) await history.update(id, { tags: ['海报', 'draft'] });
  }
  for (const id of images.slice(0, 4)) await history.updateImage(id, { favorite: true });
  await history.update(ids[0] ?? '', { note: '客户喜欢这一张，下次用竖版。' });
  await history.delete(ids[5] ?? '');
  const set = await ended(history, {
    model: 'wan2.7-image',
    prompt: '同一只猫在四季里的四张插画',
    size: '1K',
    n: 4,
    enable_sequential: true,
  });
  const failed = await ended(history, {
    model: 'wan2.7-image',
    prompt: '一张违反规定的图片 [[simulate status=400 code=DataInspectionFailed]]',
  });
  const unknown = await ended(history, { model: 'wan2.7-image', prompt: '连接中断的一张 [[simulate cut=0]]' });
  const rerun = await history.rerun(ids[0] ?? '', { seed: 42 });
  const again = await history.get(rerun.id, { wait: 60 });
  const edited = await ended(history, {
    model: 'wan2.7-image',
    prompt: '把图1的背景换成雪景',
    image: again.images[0]?.url ?? '',
  });
  const running = await history.submit({
    model: 'wan2.7-image-pro',
    prompt: '一座漂浮在云上的城市，晚霞 [[simulate delay=600000]]',
    size: '2K',
  });
  return {
    images,
    set: set.images[0]?.id ?? '',
    failed: failed.id,
    unknown: unknown.id,
    running: running.id,
    edited: edited.id,
  };
}

type History = Gallery['history'];

async function ended(history: History, request: Parameters<History['submit']>[0]) {
  const { id } = await history.submit(request);
  return history.get(id, { wait: 60 });
}
