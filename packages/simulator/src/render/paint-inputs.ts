import { loadImage, type Image, type SKRSContext2D } from '@napi-rs/canvas';
import type { InputThumbnail, ImageSpec } from '../images/image-spec.ts';
import { BOLD_FONT } from './fonts.ts';

/** Draws the input images of an edit in a grid above the caption, framed and labelled as the prompt calls them. */
export async function paintInputs(context: SKRSContext2D, spec: ImageSpec): Promise<void> {
  const { width, height, inputs } = spec;
  if (inputs.length === 0) return;
  const area = { x: width * 0.1, y: height * 0.15, width: width * 0.8, height: height * 0.52 };
  const { columns, rows } = gridOf(inputs.length, area.width / area.height);
  const cell = { width: area.width / columns, height: area.height / rows };
  for (const [index, input] of inputs.entries()) {
    const x = area.x + (index % columns) * cell.width;
    const y = area.y + Math.floor(index / columns) * cell.height;
    await paintInput(context, input, x, y, cell.width, cell.height);
  }
}

/** The grid with the largest cells; of equal ones that with the fewest columns. */
function gridOf(count: number, ratio: number): { columns: number; rows: number } {
  const grids = Array.from({ length: count }, (_, index) => ({
    columns: index + 1,
    rows: Math.ceil(count / (index + 1)),
  }));
  const cellSide = (grid: { columns: number; rows: number }): number => Math.min(ratio / grid.columns, 1 / grid.rows);
  return grids.reduce((best, grid) => (cellSide(grid) > cellSide(best) ? grid : best));
}

async function paintInput(
  context: SKRSContext2D,
  input: InputThumbnail,
  x: number,
  y: number,
  width: number,
  height: number,
): Promise<void> {
  const image = input.webp ? await loadImage(input.webp) : null;
  const frame = frameIn(image, x, y, width * 0.9, height * 0.9);
  const border = Math.min(width, height) * 0.025;
  context.shadowColor = 'rgba(0,0,0,0.35)';
  context.shadowBlur = border * 2;
  context.shadowOffsetY = border;
  context.fillStyle = '#fbf8f1';
  context.fillRect(frame.x - border, frame.y - border, frame.width + border * 2, frame.height + border * 2);
  context.shadowColor = 'transparent';
  if (image) {
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, frame.x, frame.y, frame.width, frame.height);
  } else {
    paintPlaceholder(context, frame);
  }
  paintLabel(context, input.label, frame.x, frame.y, Math.min(width, height) * 0.08);
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The largest box with the ratio of the image in the centre of the cell. An image that was not read counts as square. */
function frameIn(image: Image | null, x: number, y: number, width: number, height: number): Box {
  const ratio = image ? image.width / image.height : 1;
  const fitted = Math.min(width, height * ratio);
  return {
    x: x + (width / 0.9 - fitted) / 2,
    y: y + (height / 0.9 - fitted / ratio) / 2,
    width: fitted,
    height: fitted / ratio,
  };
}

/** A hill and a sun: the symbol of an image. */
function paintPlaceholder(context: SKRSContext2D, { x, y, width, height }: Box): void {
  context.fillStyle = '#cfd6df';
  context.fillRect(x, y, width, height);
  context.fillStyle = '#9aa7b8';
  context.beginPath();
  context.moveTo(x, y + height);
  context.lineTo(x + width * 0.35, y + height * 0.45);
  context.lineTo(x + width * 0.55, y + height * 0.7);
  context.lineTo(x + width * 0.7, y + height * 0.55);
  context.lineTo(x + width, y + height);
  context.fill();
  context.beginPath();
  context.arc(x + width * 0.72, y + height * 0.28, width * 0.09, 0, Math.PI * 2);
  context.fill();
}

function paintLabel(context: SKRSContext2D, label: string, x: number, y: number, size: number): void {
  context.font = `${size}px ${BOLD_FONT}`;
  const labelWidth = context.measureText(label).width + size * 0.8;
  context.fillStyle = 'rgba(10,12,20,0.6)';
  context.fillRect(x, y, labelWidth, size * 1.5);
  context.fillStyle = '#ffffff';
  context.fillText(label, x + size * 0.4, y + size * 1.1);
}
