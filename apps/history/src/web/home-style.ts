/** The style sheet of the page at `/`, for light and dark color schemes. */
export const HOME_STYLE = `
:root { --paper: #faf8f4; --card: #ffffff; --ink: #22252b; --soft: #666b76; --line: #e3ded4; --accent: #9a4f24; --notice: #f6ead3; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15171c; --card: #1e2128; --ink: #e9e7e2; --soft: #9aa0ac; --line: #31353f; --accent: #e5a070; --notice: #33291a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 3rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
header { display: grid; grid-template-columns: 1fr auto; align-items: baseline; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; letter-spacing: -0.01em; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.15rem; }
p { margin: 0 0 0.75rem; }
a { color: var(--accent); text-underline-offset: 0.2em; }
.lead { grid-column: 1 / -1; max-width: 44rem; margin-top: 0.5rem; color: var(--soft); font-size: 1.05rem; }
.notice { grid-column: 1 / -1; margin: 0.25rem 0 0; padding: 0.6rem 0.9rem; border-radius: 0.5rem; background: var(--notice); }
pre { margin: 0; padding: 0.9rem 1rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 0.5rem; background: var(--card);
  font: 0.85rem/1.55 ui-monospace, "SF Mono", Consolas, "Noto Sans Mono CJK SC", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.empty { color: var(--soft); }
ul { margin: 0; padding: 0; list-style: none; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 1.25rem; }
figure { margin: 0; height: 100%; overflow: hidden; border: 1px solid var(--line); border-radius: 0.75rem; background: var(--card); }
figure img { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; background: var(--line); }
figcaption { padding: 0.7rem 0.9rem 0.8rem; }
.prompt { display: -webkit-box; overflow: hidden; -webkit-box-orient: vertical; -webkit-line-clamp: 2; color: inherit; text-decoration: none; }
.prompt:hover { text-decoration: underline; }
small span { white-space: nowrap; }
small .badge { padding: 0.05rem 0.4rem; border-radius: 0.4rem; background: var(--notice); color: var(--ink); font-weight: 600; }
small { display: block; margin-top: 0.3rem; color: var(--soft); font-size: 0.8rem; }
footer { margin-top: 2.5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
footer ul { display: flex; flex-wrap: wrap; gap: 0.75rem 2rem; }
footer span { display: block; color: var(--soft); font-size: 0.85rem; }
`;
