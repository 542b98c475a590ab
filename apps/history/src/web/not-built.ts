import { ICON } from './icon.ts';

/** The page of a service whose gallery is not built, in both languages. Without styles, because its policy allows none inline. */
export const NOT_BUILT = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>wan-image</title>
<link rel="icon" href="${ICON}">
</head>
<body>
<main>
<h1>The gallery is not built</h1>
<p>Run <code>npx -y pnpm build</code> in the repository, then start the service again. The API works without it: see <a href="/docs">its documentation</a>.</p>
<section lang="zh-CN">
<h1>图库尚未构建</h1>
<p>请在代码仓库中运行 <code>npx -y pnpm build</code>，然后重新启动服务。接口不依赖图库，可以照常使用：请看<a href="/docs">接口文档</a>。</p>
</section>
</main>
</body>
</html>
`;
