import type { session as en } from '../en/session.ts';

export const session: typeof en = {
  title: '登录',
  lead: '此服务需要 API 密钥。密钥只用于换取此浏览器的会话，页面不会保存密钥。',
  expired: '会话已结束，请重新登录。页面上已输入的内容仍然保留。',
  key: 'API 密钥',
  signIn: '登录',
};
