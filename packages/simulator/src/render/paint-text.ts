import type { SKRSContext2D } from '@napi-rs/canvas';
import type { ImageSpec } from '../images/image-spec.ts';
import { BOLD_FONT, TEXT_FONT } from './fonts.ts';

const MAX_LINES = 3;

/** The prompt along the lower edge, and the marks: SIMULATED, the index in a set, the watermark. */
export function paintText(context: SKRSContext2D, spec: ImageSpec): void {
  const { width, height } = spec;
  const unit = Math.min(width, height);
  const margin = unit * 0.05;
  paintCaption(context, spec, unit, margin);
  paintPill(context, 'SIMULATED', margin, margin, unit * 0.032, 'left');
  if (spec.total > 1)
    paintPill(context, `${spec.index + 1} / ${spec.total}`, width - margin, margin, unit * 0.032, 'right');
  if (spec.watermark) {
    context.font = `${unit * 0.03}px ${TEXT_FONT}`;
    context.fillStyle = 'rgba(255,255,255,0.85)';
    context.textAlign = 'right';
    context.fillText('AI生成', width - margin, height - margin * 0.5);
    context.textAlign = 'left';
  }
}

function paintCaption(context: SKRSContext2D, spec: ImageSpec, unit: number, margin: number): void {
  const { width, height } = spec;
  const size = unit * 0.05;
  context.font = `${size}px ${BOLD_FONT}`;
  const lines = wrap(context, spec.caption.replace(/\s+/g, ' '), width - margin * 2);
  const top = height - margin * 1.7 - lines.length * size * 1.35;
  const shade = context.createLinearGradient(0, top - size * 2.5, 0, height);
  shade.addColorStop(0, 'rgba(10,12,20,0)');
  shade.addColorStop(0.45, 'rgba(10,12,20,0.45)');
  shade.addColorStop(1, 'rgba(10,12,20,0.72)');
  context.fillStyle = shade;
  context.fillRect(0, top - size * 2.5, width, height - top + size * 2.5);
  context.fillStyle = '#ffffff';
  lines.forEach((line, index) => context.fillText(line, margin, top + size + index * size * 1.35));
  context.font = `${unit * 0.026}px ${TEXT_FONT}`;
  context.fillStyle = 'rgba(255,255,255,0.75)';
  const seed = spec.seed === null ? '' : ` · seed ${spec.seed}`;
  context.fillText(`${spec.model} · ${width}×${height}${seed}`, margin, height - margin * 0.7);
}

/** Breaks lines between words, and between any two Chinese characters. Text after the last line is replaced by an ellipsis. */
function wrap(context: SKRSContext2D, text: string, width: number): string[] {
  const words = [...new Intl.Segmenter('zh', { granularity: 'word' }).segment(text)].map((part) => part.segment);
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (context.measureText(line + word).width <= width) {
      line += word;
    } else if (lines.length === MAX_LINES - 1) {
      return [...lines, shortened(context, line + word, width)];
    } else {
      if (line !== '') lines.push(line);
      line = word.trimStart();
    }
  }
  return [...lines, shortened(context, line, width)];
}

function shortened(context: SKRSContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 1 && context.measureText(`${characters.join('')}…`).width > width) characters.pop();
  return `${characters.join('')}…`;
}

function paintPill(
  context: SKRSContext2D,
  text: string,
  x: number,
  y: number,
  size: number,
  align: 'left' | 'right',
): void {
  context.font = `${size}px ${BOLD_FONT}`;
  const pillWidth = context.measureText(text).width + size * 1.4;
  const left = align === 'left' ? x : x - pillWidth;
  context.fillStyle = 'rgba(10,12,20,0.55)';
  context.beginPath();
  context.roundRect(left, y, pillWidth, size * 1.8, size * 0.9);
  context.fill();
  context.fillStyle = '#ffffff';
  context.fillText(text, left + size * 0.7, y + size * 1.25);
}
