import { expect, test } from 'vitest';
import { MAX_CONTENT_HEIGHT, ScrollModel, type Placed } from './scroll-model.ts';

function sectionsOf(count: number, height = 1000): readonly Placed[] {
  return Array.from({ length: count }, (_, at) => ({ key: `s${at}`, height }));
}

function modelOf(count: number, height = 1000): ScrollModel {
  const model = new ScrollModel();
  model.setViewport(800);
  model.setSections(sectionsOf(count, height));
  return model;
}

/** What a browser does: it moves the element as it was told, then scrolls. */
function scroll(model: ScrollModel, distance: number): void {
  model.takeShift();
  model.scrolledTo(Math.max(0, model.scrollTop + distance));
}

/** Where a section is on the screen. */
function seenAt(model: ScrollModel, key: string): number {
  return (model.topOf(key) ?? 0) - model.position;
}

test('only what is around the viewport is rendered', () => {
  const model = modelOf(1000);
  model.goToAnchor({ key: 's500', offset: 0 });
  const { start, end } = model.visible();
  expect(start).toBeGreaterThanOrEqual(498);
  expect(end).toBeLessThanOrEqual(503);
});

test('no content is higher than a browser allows, and every place of it can be reached', () => {
  const model = modelOf(100_000);
  expect(model.totalHeight).toBe(100_000_000);
  for (let at = 0; at < 100_000; at += 997) {
    model.goToAnchor({ key: `s${at}`, offset: 0 });
    expect(model.contentHeight).toBeLessThanOrEqual(MAX_CONTENT_HEIGHT);
    expect(model.scrollTop).toBeGreaterThanOrEqual(0);
    expect(model.scrollTop).toBeLessThanOrEqual(model.contentHeight - 800);
    if (at < 99_900) expect(seenAt(model, `s${at}`)).toBe(0);
  }
});

test('scrolling from end to end never meets an edge before the last one', () => {
  const model = modelOf(20_000);
  model.takeShift();
  let moved = 0;
  for (let steps = 0; steps < 40_000 && model.position < model.totalHeight - 800; steps += 1) {
    const before = model.position;
    const next = Math.min(model.contentHeight - 800, model.scrollTop + 700);
    model.scrolledTo(next);
    if (model.takeShift() !== 0) moved += 1;
    expect(model.position).toBeGreaterThan(before);
  }
  expect(model.position).toBe(model.totalHeight - 800);
  expect(moved).toBeGreaterThan(3);
});

test('a height that changes above the viewport moves nothing that is seen', () => {
  const model = modelOf(100);
  model.goToAnchor({ key: 's50', offset: 300 });
  const scrollTop = model.scrollTop;
  model.setHeight('s49', 1700, true);
  expect(seenAt(model, 's50')).toBe(-300);
  // The scroll that may be under way is not interrupted.
  expect(model.scrollTop).toBe(scrollTop);
  model.setHeight('s10', 200, true);
  expect(seenAt(model, 's50')).toBe(-300);
  model.rest();
  expect(seenAt(model, 's50')).toBe(-300);
});

test('the next section stays in place when the one above it is read', () => {
  const model = modelOf(100);
  model.goToAnchor({ key: 's50', offset: 600 });
  model.setHeight('s50', 2000, true);
  expect(seenAt(model, 's51')).toBe(400);
});

test('a deletion in the section that is seen moves nothing above it', () => {
  const model = modelOf(100);
  model.goToAnchor({ key: 's50', offset: 100 });
  model.setHeight('s50', 800, false);
  expect(seenAt(model, 's50')).toBe(-100);
});

test('new sections at the top show at the top, and move nothing further down', () => {
  const model = modelOf(10);
  model.setSections([{ key: 'new', height: 500 }, ...sectionsOf(10)]);
  expect(model.position).toBe(0);
  model.goToAnchor({ key: 's3', offset: 20 });
  model.setSections([{ key: 'newer', height: 700 }, { key: 'new', height: 500 }, ...sectionsOf(10)]);
  expect(seenAt(model, 's3')).toBe(-20);
});

test('what replaces the section that is seen is the next one', () => {
  const model = modelOf(10);
  model.goToAnchor({ key: 's3', offset: 20 });
  model.setSections(sectionsOf(10).filter(({ key }) => key !== 's3'));
  expect(seenAt(model, 's4')).toBe(0);
});

test('the top can be reached after heights above it have changed', () => {
  const model = modelOf(30);
  model.goToAnchor({ key: 's20', offset: 0 });
  model.takeShift();
  for (let at = 19; at >= 0; at -= 1) model.setHeight(`s${at}`, 1300 - 40 * at, true);
  for (let steps = 0; steps < 200 && model.position > 0; steps += 1) scroll(model, -400);
  expect(model.position).toBe(0);
  expect(seenAt(model, 's0')).toBe(0);
});

test('a content that gets shorter leaves no blank', () => {
  const model = modelOf(3);
  model.goTo(10_000);
  expect(model.position).toBe(2200);
  model.setSections(sectionsOf(1));
  expect(model.position).toBe(200);
  model.setSections([]);
  expect(model.position).toBe(0);
});

test('another width keeps the section that is seen', () => {
  const model = modelOf(100);
  model.goToAnchor({ key: 's50', offset: 500 });
  model.setHeights(() => 400);
  expect(seenAt(model, 's50')).toBe(-200);
});

test('an element that scrolled on before it was moved is moved by the distance', () => {
  const model = modelOf(20_000);
  model.takeShift();
  model.scrolledTo(model.contentHeight - 1000);
  const position = model.position;
  // Another event, of the same window, before the element has been moved.
  model.scrolledTo(MAX_CONTENT_HEIGHT - 900);
  expect(model.position).toBe(position + 100);
  expect(model.takeShift()).toBeLessThan(0);
});
