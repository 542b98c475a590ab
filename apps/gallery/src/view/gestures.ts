import { isFit, pan, toggleZoom, zoomTo, type Frame, type Point } from './camera.ts';
import type { CameraStore } from './camera-store.ts';

/** What gestures act on. */
export interface GestureTarget {
  readonly store: CameraStore;
  readonly frame: () => Frame | null;
  /** A swipe over an image that fits: 1 to the next image. */
  readonly onSwipe: (step: 1 | -1) => void;
}

const DOUBLE_TAP_MS = 300;
const DOUBLE_TAP_PX = 30;
const SWIPE_PX = 56;
/** A line of a wheel that counts in lines. */
const LINE_PX = 16;
const WHEEL_SPEED = 0.0018;
/** Browsers report a pinch on a trackpad as a wheel with Control, in small steps. */
const PINCH_SPEED = 0.01;

interface Tap extends Point {
  readonly time: number;
}

interface Touches {
  readonly pointers: Map<number, Point>;
  start: Point;
  lastTap: Tap | null;
  /** Whether more than one finger was down: that is no swipe and no tap. */
  wasPinch: boolean;
  distance: number;
}

/** Zooms and pans by pointer, wheel, pinch and double tap. Returns what ends it. */
export function listenToGestures(element: HTMLElement, target: GestureTarget): () => void {
  const touches: Touches = { pointers: new Map(), start: ORIGIN, lastTap: null, wasPinch: false, distance: 0 };
  const abort = new AbortController();
  const { signal } = abort;
  const onWheel = (event: WheelEvent): void => wheel(element, event, target);
  const onDown = (event: PointerEvent): void => down(element, event, touches);
  const onMove = (event: PointerEvent): void => move(element, event, touches, target);
  const onUp = (event: PointerEvent): void => up(element, event, touches, target);
  // Not passive: the page must not scroll or zoom instead.
  element.addEventListener('wheel', onWheel, { passive: false, signal });
  element.addEventListener('pointerdown', onDown, { signal });
  element.addEventListener('pointermove', onMove, { signal });
  element.addEventListener('pointerup', onUp, { signal });
  element.addEventListener('pointercancel', onUp, { signal });
  return () => abort.abort();
}

const ORIGIN: Point = { x: 0, y: 0 };

function wheel(element: HTMLElement, event: WheelEvent, { store, frame }: GestureTarget): void {
  const current = frame();
  if (current === null) return;
  event.preventDefault();
  const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE_PX : event.deltaY;
  const factor = Math.exp(-pixels * (event.ctrlKey ? PINCH_SPEED : WHEEL_SPEED));
  store.set(zoomTo(store.get(), current, store.get().zoom * factor, pointOf(element, event)));
}

function down(element: HTMLElement, event: PointerEvent, touches: Touches): void {
  if (event.button !== 0) return;
  const point = pointOf(element, event);
  element.setPointerCapture(event.pointerId);
  touches.pointers.set(event.pointerId, point);
  if (touches.pointers.size === 1) {
    touches.start = point;
    touches.wasPinch = false;
  } else touches.wasPinch = true;
  touches.distance = distanceOf(touches);
}

function move(element: HTMLElement, event: PointerEvent, touches: Touches, { store, frame }: GestureTarget): void {
  const before = touches.pointers.get(event.pointerId);
  const current = frame();
  if (before === undefined || current === null) return;
  const middle = middleOf(touches);
  touches.pointers.set(event.pointerId, pointOf(element, event));
  const after = middleOf(touches);
  const moved = pan(store.get(), current, { x: after.x - middle.x, y: after.y - middle.y });
  if (touches.pointers.size < 2) {
    store.set(moved);
    return;
  }
  const distance = distanceOf(touches);
  const factor = touches.distance > 0 ? distance / touches.distance : 1;
  touches.distance = distance;
  store.set(zoomTo(moved, current, moved.zoom * factor, after));
}

function up(element: HTMLElement, event: PointerEvent, touches: Touches, target: GestureTarget): void {
  if (!touches.pointers.delete(event.pointerId)) return;
  touches.distance = distanceOf(touches);
  if (touches.pointers.size > 0 || touches.wasPinch || event.type === 'pointercancel') return;
  const point = pointOf(element, event);
  const by = { x: point.x - touches.start.x, y: point.y - touches.start.y };
  if (Math.hypot(by.x, by.y) < DOUBLE_TAP_PX) tap({ ...point, time: event.timeStamp }, touches, target);
  else if (event.pointerType !== 'mouse' && isFit(target.store.get())) swipe(by, target);
}

function tap(point: Tap, touches: Touches, { store, frame }: GestureTarget): void {
  const { lastTap } = touches;
  const isDouble =
    lastTap !== null &&
    point.time - lastTap.time < DOUBLE_TAP_MS &&
    Math.hypot(point.x - lastTap.x, point.y - lastTap.y) < DOUBLE_TAP_PX;
  touches.lastTap = isDouble ? null : point;
  const current = frame();
  if (isDouble && current !== null) store.set(toggleZoom(store.get(), current, point));
}

function swipe({ x, y }: Point, { onSwipe }: GestureTarget): void {
  if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 1.5 * Math.abs(y)) onSwipe(x < 0 ? 1 : -1);
}

/** Relative to the middle of the window. */
function pointOf(element: HTMLElement, { clientX, clientY }: MouseEvent): Point {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
}

function middleOf({ pointers }: Touches): Point {
  const points = [...pointers.values()];
  const sum = points.reduce((total, point) => ({ x: total.x + point.x, y: total.y + point.y }), ORIGIN);
  return { x: sum.x / points.length, y: sum.y / points.length };
}

function distanceOf({ pointers }: Touches): number {
  const [one, other] = pointers.values();
  return one === undefined || other === undefined ? 0 : Math.hypot(one.x - other.x, one.y - other.y);
}
