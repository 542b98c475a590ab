/** The colours of an image from back to front: upper sky, horizon, three depths, and an accent. */
export interface Palette {
  readonly skyTop: string;
  readonly skyBottom: string;
  readonly far: string;
  readonly middle: string;
  readonly near: string;
  readonly accent: string;
}

export const PALETTES: readonly [Palette, ...Palette[]] = [
  { skyTop: '#20315c', skyBottom: '#e8a27c', far: '#8f6f8f', middle: '#54507a', near: '#232a4d', accent: '#ffe0a8' },
  { skyTop: '#7fb7be', skyBottom: '#f6efe0', far: '#a5c9bb', middle: '#5f9a8a', near: '#2c5f5d', accent: '#f2a65a' },
  { skyTop: '#f3b3a6', skyBottom: '#fff1de', far: '#e9a0a0', middle: '#b5677e', near: '#5d3a5c', accent: '#ffd166' },
  { skyTop: '#0f2a3d', skyBottom: '#3f8a86', far: '#2f6f73', middle: '#1e4f5b', near: '#0c2430', accent: '#f7e3af' },
  { skyTop: '#c9d8e6', skyBottom: '#fbe9d7', far: '#a9b8cc', middle: '#74849e', near: '#3d4a63', accent: '#e4572e' },
  { skyTop: '#3b2a57', skyBottom: '#d9819a', far: '#9a5f91', middle: '#643f77', near: '#2d1d45', accent: '#ffd6e0' },
  { skyTop: '#f0c987', skyBottom: '#fdf3dc', far: '#dca66a', middle: '#b0703f', near: '#5c3a26', accent: '#7a9e7e' },
  { skyTop: '#a8c686', skyBottom: '#f4f1d0', far: '#88ad6a', middle: '#557f4c', near: '#274b35', accent: '#f28482' },
];
