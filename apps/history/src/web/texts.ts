import type { Language } from './language.ts';

export interface Texts {
  readonly title: string;
  readonly lead: string;
  readonly simulated: string;
  readonly paid: (upstream: string) => string;
  readonly makeOne: string;
  readonly makeOneHint: string;
  readonly newest: string;
  readonly none: string;
  readonly failed: (count: number, total: number) => string;
  readonly keyed: string;
  readonly links: readonly (readonly [href: string, label: string, hint: string])[];
  readonly otherLanguage: readonly [href: string, label: string];
}

export const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    title: 'wan-image history',
    lead: 'The Wan 2.7 image API, with a memory: change your client’s base URL, and every generation is kept.',
    simulated: 'Images are simulated: no key is set, so nothing is sent out and nothing costs anything.',
    paid: (upstream) => `Images come from ${upstream} and are paid for.`,
    makeOne: 'Make an image',
    makeOneHint: 'The vendor’s own example. Paste it into a terminal:',
    newest: 'Newest images',
    failed: (count, total) => `Of the newest ${total} generations ${count} failed: the history tells why.`,
    none: 'None yet. Make the first one with the line above.',
    keyed: 'This service asks for a key, so the history is not shown here. List it with your key:',
    links: [
      ['/docs', 'API documentation', 'every route, to try out'],
      ['/openapi.json', 'OpenAPI', 'for generators and tools'],
      ['/v1/generations', 'History as JSON', 'newest first'],
      ['/readyz', 'Health', 'database and image store'],
    ],
    otherLanguage: ['/?lang=zh', '中文'],
  },
  zh: {
    title: 'wan-image 历史',
    lead: '会记住一切的 Wan 2.7 图像接口：只需更换客户端的 base URL，每次生成都会被保存。',
    simulated: '图片为模拟生成：未设置密钥，不会向外发送任何请求，也不产生任何费用。',
    paid: (upstream) => `图片由 ${upstream} 生成，会产生费用。`,
    makeOne: '生成一张图片',
    makeOneHint: '官方文档中的示例，粘贴到终端即可：',
    newest: '最新图片',
    failed: (count, total) => `最新的 ${total} 次生成中有 ${count} 次失败，原因见历史记录。`,
    none: '还没有图片。用上面的命令生成第一张吧。',
    keyed: '此服务需要密钥，因此这里不显示历史。请用你的密钥查询：',
    links: [
      ['/docs', '接口文档', '所有接口，可在线试用'],
      ['/openapi.json', 'OpenAPI', '供代码生成器和工具使用'],
      ['/v1/generations', '历史（JSON）', '最新的在前'],
      ['/readyz', '健康状态', '数据库与图片存储'],
    ],
    otherLanguage: ['/?lang=en', 'English'],
  },
};
