import type { GenerationRecord, ImageRecord } from '@wan-image/core';
import { exampleCurl } from './example.ts';
import { HOME_STYLE } from './home-style.ts';
import type { Language } from './language.ts';
import { TEXTS, type Texts } from './texts.ts';
import { ICON } from './icon.ts';

export interface HomePage {
  readonly language: Language;
  readonly publicUrl: string;
  /** Base URL of the upstream; null for simulated images. */
  readonly upstream: string | null;
  /** Whether requests need an API key. Then the page shows no images. */
  readonly keyed: boolean;
  readonly newest: readonly GenerationRecord[];
}

/** Fills three rows of the page. */
const MAX_IMAGES = 12;

const THUMBNAIL_WIDTHS = [320, 640, 1280] as const;

/** The page at `/`: the newest images, a curl command that generates one, and links. It has no script, so its policy allows none. */
export function homePage(page: HomePage): string {
  const texts = TEXTS[page.language];
  return `<!doctype html>
<html lang="${page.language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${texts.title}</title>
<link rel="icon" href="${ICON}">
<style>${HOME_STYLE}</style>
</head>
<body>
<header>
<h1>${texts.title}</h1>
<a class="language" href="${texts.otherLanguage[0]}">${texts.otherLanguage[1]}</a>
<p class="lead">${texts.lead}</p>
<p class="notice">${page.upstream === null ? texts.simulated : escapeHtml(texts.paid(page.upstream))}</p>
</header>
<main>
<section>
<h2>${texts.makeOne}</h2>
<p>${texts.makeOneHint}</p>
<pre tabindex="0"><code>${escapeHtml(exampleCurl({ ...page, simulated: page.upstream === null }))}</code></pre>
</section>
<section>
<h2>${texts.newest}</h2>
${page.keyed ? keyedNote(page, texts) : gallery(page, texts)}
</section>
</main>
<footer><nav><ul>
${texts.links.map(([href, label, hint]) => `<li><a href="${href}">${label}</a><span>${hint}</span></li>`).join('\n')}
</ul></nav></footer>
</body>
</html>
`;
}

function keyedNote({ publicUrl }: HomePage, texts: Texts): string {
  const line = `curl ${publicUrl}/v1/generations --header 'Authorization: Bearer <your key>'`;
  return `<p>${texts.keyed}</p>\n<pre tabindex="0"><code>${escapeHtml(line)}</code></pre>`;
}

function gallery({ newest, publicUrl }: HomePage, texts: Texts): string {
  const images = newest.flatMap((record) =>
    record.images.flatMap((image) => {
      const { url, state, deleted_at } = image;
      return url === null || state === 'lost' || deleted_at !== null ? [] : [{ record, image, url }];
    }),
  );
  const failed = newest.filter((record) => record.state === 'failed').length;
  const note = failed === 0 ? '' : `<p><a href="/v1/generations">${texts.failed(failed, newest.length)}</a></p>\n`;
  if (images.length === 0) return `${note}<p class="empty">${texts.none}</p>`;
  return `${note}<ul class="gallery">\n${images
    .slice(0, MAX_IMAGES)
    .map((image) => figure(image, publicUrl, texts))
    .join('\n')}\n</ul>`;
}

function figure(
  { record, image, url }: { record: GenerationRecord; image: ImageRecord; url: string },
  publicUrl: string,
  texts: Texts,
): string {
  const size = image.width === null ? '' : `${image.width}×${image.height}`;
  const time = record.created_at.slice(0, 16).replace('T', ' ');
  const prompt = escapeHtml(record.prompt);
  return `<li><figure>
${preview(image, url.slice(publicUrl.length), prompt)}
<figcaption><a class="prompt" href="/v1/generations/${record.id}">${prompt}</a><small>${[
    record.upstream.simulated ? `<b class="badge">${texts.badge}</b>` : '',
    record.model,
    size,
    `${time} UTC`,
  ]
    .filter(Boolean)
    .map((part) => `<span>${part}</span>`)
    .join(' · ')}</small></figcaption>
</figure></li>`;
}

/**
 * Cropped to a square, so a wide image is loaded wider than it is shown. Paths, not full URLs: the page works under any host name. An image
 * that has no thumbnail is loaded as it is.
 */
function preview(image: ImageRecord, unescapedPath: string, alt: string): string {
  const path = escapeHtml(unescapedPath);
  // No browser shows it, so it would be a broken image.
  if (image.state === 'stored' && image.width === null)
    return `<a href="${path}">${escapeHtml(image.mime_type ?? '')}</a>`;
  const thumbnail = (width: number): string => `${path}&amp;width=${width}&amp;fallback=original`;
  const widths = THUMBNAIL_WIDTHS.map((width) => `${thumbnail(width)} ${width}w`).join(', ');
  const ratio = Math.max(1, (image.width ?? 1) / (image.height ?? 1));
  const sizes = `(max-width: 33rem) ${Math.ceil(100 * ratio)}vw, ${Math.ceil(17 * ratio)}rem`;
  return `<a href="${path}"><img src="${thumbnail(320)}" srcset="${widths}" sizes="${sizes}" alt="${alt}" loading="lazy" decoding="async"></a>`;
}

function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}
