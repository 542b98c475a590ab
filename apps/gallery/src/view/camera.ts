/**
 * What a viewer shows of an image. It does not depend on the size of the window or of the image, so that several images can have one camera
 * and a window can change its size.
 */
export interface Camera {
  /** 1: the whole image fits. */
  readonly zoom: number;
  /** Which part of the image is in the middle of the window: from 0, its left edge, to 1. */
  readonly x: number;
  /** From 0, its top edge, to 1. */
  readonly y: number;
}

/** A window on an image. */
export interface Frame {
  /** Of the window, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Of the image, in its own pixels. */
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** Of the screen: pixels in a CSS pixel. */
  readonly pixelRatio: number;
}

/** A point of the window: its distance from the middle, in CSS pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export const FIT: Camera = { zoom: 1, x: 0.5, y: 0.5 };

/** An image can be magnified until this many pixels of the screen show one of its own. */
const MAX_MAGNIFICATION = 8;

/** What is within this factor of another zoom is that zoom. */
const TOLERANCE = 1.01;

/** The CSS pixels of a pixel of the image. */
export function scaleOf({ zoom }: Camera, frame: Frame): number {
  return zoom * fitScale(frame);
}

/** Where the image is: its upper left corner in the window, in CSS pixels. */
export function cornerOf(camera: Camera, frame: Frame): Point {
  const scale = scaleOf(camera, frame);
  return {
    x: frame.width / 2 - camera.x * frame.imageWidth * scale,
    y: frame.height / 2 - camera.y * frame.imageHeight * scale,
  };
}

/** The zoom at which a pixel of the image is one of the screen. */
export function trueZoom(frame: Frame): number {
  return 1 / frame.pixelRatio / fitScale(frame);
}

/** Part of the true size, in percent: 100 is one pixel of the image for each of the screen. */
export function percentOf(camera: Camera, frame: Frame): number {
  return Math.round((camera.zoom / trueZoom(frame)) * 100);
}

/** The camera with another zoom, so that what is at a point of the window stays there. */
export function zoomTo(camera: Camera, frame: Frame, zoom: number, at: Point = { x: 0, y: 0 }): Camera {
  const limited = Math.min(Math.max(zoom, leastZoom(frame)), mostZoom(frame));
  const before = scaleOf(camera, frame);
  const after = limited * fitScale(frame);
  const moved = (center: number, offset: number, length: number): number =>
    center + (offset / before - offset / after) / length;
  return within(
    { zoom: limited, x: moved(camera.x, at.x, frame.imageWidth), y: moved(camera.y, at.y, frame.imageHeight) },
    frame,
  );
}

/** The camera after the image was dragged by so many CSS pixels. */
export function pan(camera: Camera, frame: Frame, by: Point): Camera {
  const scale = scaleOf(camera, frame);
  const x = camera.x - by.x / scale / frame.imageWidth;
  const y = camera.y - by.y / scale / frame.imageHeight;
  return within({ ...camera, x, y }, frame);
}

/** From the whole image to true pixels, and back. */
export function toggleZoom(camera: Camera, frame: Frame, at?: Point): Camera {
  if (!isNear(camera.zoom, 1)) return FIT;
  const whole = trueZoom(frame);
  // An image that is shown in its true size already has nothing else to show but its pixels.
  return zoomTo(camera, frame, isNear(whole, 1) ? 2 : whole, at);
}

/** Whether all of the image is visible. */
export function isFit({ zoom }: Camera): boolean {
  return zoom <= TOLERANCE;
}

/** A camera that shows no more empty space than it must. */
export function within(camera: Camera, frame: Frame): Camera {
  const scale = scaleOf(camera, frame);
  const centered = (center: number, window: number, length: number): number => {
    const half = window / 2 / (length * scale);
    return half >= 0.5 ? 0.5 : Math.min(Math.max(center, half), 1 - half);
  };
  return {
    zoom: camera.zoom,
    x: centered(camera.x, frame.width, frame.imageWidth),
    y: centered(camera.y, frame.height, frame.imageHeight),
  };
}

function fitScale({ width, height, imageWidth, imageHeight }: Frame): number {
  return Math.min(width / imageWidth, height / imageHeight);
}

function leastZoom(frame: Frame): number {
  return Math.min(1, trueZoom(frame));
}

function mostZoom(frame: Frame): number {
  return Math.max(2, MAX_MAGNIFICATION * trueZoom(frame));
}

function isNear(one: number, other: number): boolean {
  return one / other < TOLERANCE && other / one < TOLERANCE;
}
