import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Palette } from './palettes.ts';
import { between, type Random } from './random.ts';

/** A motif paints the whole canvas. Lengths are fractions of the canvas, so every size shows the same image. */
export type Motif = (context: SKRSContext2D, width: number, height: number, palette: Palette, random: Random) => void;

function paintSky(context: SKRSContext2D, width: number, height: number, palette: Palette): void {
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, palette.skyTop);
  sky.addColorStop(1, palette.skyBottom);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
}

/** A disc with a halo. */
function paintSun(context: SKRSContext2D, x: number, y: number, radius: number, colour: string): void {
  const halo = context.createRadialGradient(x, y, radius * 0.8, x, y, radius * 4);
  halo.addColorStop(0, `${colour}66`);
  halo.addColorStop(1, `${colour}00`);
  context.fillStyle = halo;
  context.fillRect(x - radius * 4, y - radius * 4, radius * 8, radius * 8);
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
  context.fill();
}

/** Ranges of hills under a sun. */
const hills: Motif = (context, width, height, palette, random) => {
  paintSky(context, width, height, palette);
  const unit = Math.min(width, height);
  paintSun(
    context,
    width * between(random, 0.2, 0.8),
    height * between(random, 0.18, 0.38),
    unit * between(random, 0.06, 0.11),
    palette.accent,
  );
  const colours = [palette.far, palette.far, palette.middle, palette.middle, palette.near];
  colours.forEach((colour, layer) => {
    const base = height * (0.48 + layer * 0.115);
    const waves = [1, 2.3, 4.9].map((frequency) => ({
      frequency: frequency * between(random, 0.7, 1.3),
      phase: random() * Math.PI * 2,
      size: (unit * between(random, 0.05, 0.09)) / frequency,
    }));
    context.globalAlpha = layer % 2 === 0 && layer < 4 ? 0.72 : 1;
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width + 8; x += Math.max(2, width / 400)) {
      const lift = waves.reduce(
        (sum, wave) => sum + Math.sin((x / unit) * wave.frequency * 3 + wave.phase) * wave.size,
        0,
      );
      context.lineTo(x, base + lift);
    }
    context.lineTo(width, height);
    context.fill();
  });
  context.globalAlpha = 1;
};

function paintFlower(
  context: SKRSContext2D,
  x: number,
  y: number,
  radius: number,
  colours: readonly [string, string],
  random: Random,
): void {
  const petals = 5 + Math.floor(random() * 4);
  const turn = random() * Math.PI;
  for (let petal = 0; petal < petals; petal++) {
    context.save();
    context.translate(x, y);
    context.rotate(turn + (petal / petals) * Math.PI * 2);
    const shade = context.createLinearGradient(0, 0, radius, 0);
    shade.addColorStop(0, colours[1]);
    shade.addColorStop(1, colours[0]);
    context.fillStyle = shade;
    context.beginPath();
    context.ellipse(radius * 0.55, 0, radius * 0.5, radius * 0.27, 0, 0, Math.PI * 2);
    context.fill();
    context.restore();
  }
  context.fillStyle = colours[1];
  context.beginPath();
  context.arc(x, y, radius * 0.2, 0, Math.PI * 2);
  context.fill();
}

/** A meadow of flowers, small in the distance and large in the foreground. */
const blossoms: Motif = (context, width, height, palette, random) => {
  paintSky(context, width, height, palette);
  const unit = Math.min(width, height);
  const count = Math.round(46 * Math.min(3, Math.max(width, height) / unit));
  for (let flower = 0; flower < count; flower++) {
    const nearness = flower / count;
    const y = height * (0.28 + 0.72 * nearness) + unit * between(random, -0.06, 0.06);
    const x = width * random();
    const radius = unit * (0.03 + 0.11 * nearness) * between(random, 0.7, 1.2);
    const petal = [palette.accent, palette.far, palette.middle][Math.floor(random() * 3)] ?? palette.accent;
    context.globalAlpha = 0.55 + 0.4 * nearness;
    context.strokeStyle = palette.near;
    context.lineWidth = radius * 0.1;
    context.beginPath();
    context.moveTo(x, y);
    context.quadraticCurveTo(x + radius * between(random, -0.6, 0.6), y + radius * 2, x, y + radius * 4);
    context.stroke();
    paintFlower(context, x, y, radius, [petal, palette.near], random);
  }
  context.globalAlpha = 1;
};

/** Wide waves of colour. */
const ribbons: Motif = (context, width, height, palette, random) => {
  paintSky(context, width, height, palette);
  const unit = Math.min(width, height);
  paintSun(context, width * between(random, 0.25, 0.75), height * 0.3, unit * 0.08, palette.accent);
  const colours = [palette.far, palette.accent, palette.middle, palette.near];
  for (let ribbon = 0; ribbon < 16; ribbon++) {
    const start = height * between(random, 0.15, 1);
    const end = height * between(random, 0.15, 1);
    context.globalAlpha = between(random, 0.25, 0.6);
    context.strokeStyle = colours[ribbon % colours.length] ?? palette.near;
    context.lineWidth = unit * between(random, 0.015, 0.09);
    context.lineCap = 'round';
    context.beginPath();
    context.moveTo(-unit * 0.1, start);
    context.bezierCurveTo(
      width * 0.33,
      start + height * between(random, -0.5, 0.5),
      width * 0.66,
      end + height * between(random, -0.5, 0.5),
      width + unit * 0.1,
      end,
    );
    context.stroke();
  }
  context.globalAlpha = 1;
};

export const MOTIFS: readonly [Motif, ...Motif[]] = [hills, blossoms, ribbons];
