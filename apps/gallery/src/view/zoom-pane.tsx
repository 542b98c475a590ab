import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { localUrl, thumbnailUrl } from '../api/thumbnail.ts';
import { Placeholder } from '../library/placeholder.tsx';
import { cornerOf, isFit, scaleOf, within, type Frame } from './camera.ts';
import type { CameraStore } from './camera-store.ts';
import { listenToGestures } from './gestures.ts';
import styles from './zoom-pane.module.css';

/** An image whose size is known. */
interface ShownImage {
  readonly id: string;
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly thumbhash: string | null;
  /** Whether it, or its generation, is in the bin. */
  readonly isBinned: boolean;
}

export interface ZoomPaneProps {
  readonly image: ShownImage;
  readonly alt: string;
  readonly store: CameraStore;
  readonly onSwipe?: ((step: 1 | -1) => void) | undefined;
  /** The file could not be loaded. */
  readonly onBroken?: (() => void) | undefined;
}

/** The image is drawn sharp again this long after its last move. */
const REST_MS = 150;

/** Above this part of the true size, pixels are shown as squares. */
const PIXELS_FROM = 2;

/** A window on an image, in which it is zoomed and moved. */
export function ZoomPane({ image, alt, store, onSwipe, onBroken }: ZoomPaneProps): ReactNode {
  const pane = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const frame = useRef<Frame | null>(null);
  const { width: imageWidth, height: imageHeight } = image;

  const apply = useEffectEvent(() => {
    if (pane.current === null || box.current === null || frame.current === null) return;
    place(box.current, store, frame.current);
    // An image that fits cannot be moved: there, fingers scroll what it stands in.
    pane.current.style.touchAction = isFit(store.get()) ? 'pan-y' : 'none';
    clearTimeout(rest.current);
    const { style } = box.current;
    rest.current = setTimeout(() => style.removeProperty('will-change'), REST_MS);
  });
  // Before the first paint, so that nothing moves.
  useLayoutEffect(() => {
    const element = pane.current;
    const measure = (): void => {
      if (element === null || element.clientWidth === 0 || element.clientHeight === 0) return;
      const { clientWidth: width, clientHeight: height } = element;
      frame.current = { width, height, imageWidth, imageHeight, pixelRatio: devicePixelRatio };
      store.setFrame(frame.current);
      apply();
    };
    measure();
    const observer = new ResizeObserver(measure);
    if (element !== null) observer.observe(element);
    const unsubscribe = store.subscribe(() => apply());
    return () => {
      observer.disconnect();
      unsubscribe();
      clearTimeout(rest.current);
    };
  }, [store, imageWidth, imageHeight]);
  const swipe = useEffectEvent((step: 1 | -1) => onSwipe?.(step));
  useEffect(() => {
    if (pane.current === null) return undefined;
    return listenToGestures(pane.current, { store, frame: () => frame.current, onSwipe: (step) => swipe(step) });
  }, [store]);
  return (
    <div ref={pane} className={styles['pane']}>
      <div ref={box} className={styles['box']}>
        <Layers key={image.id} image={image} alt={alt} onBroken={onBroken} />
      </div>
    </div>
  );
}

/** The box has the size of the image in its own pixels, and is scaled: the browser does that without a new layout. */
function place(box: HTMLElement, store: CameraStore, frame: Frame): void {
  const camera = within(store.get(), frame);
  const { x, y } = cornerOf(camera, frame);
  const scale = scaleOf(camera, frame);
  box.style.width = `${frame.imageWidth}px`;
  box.style.height = `${frame.imageHeight}px`;
  // While it moves, the browser moves what it has drawn, and draws it sharp when it rests.
  box.style.willChange = 'transform';
  box.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  box.style.imageRendering = scale * frame.pixelRatio >= PIXELS_FROM ? 'pixelated' : '';
}

/** The largest thumbnail, which is mostly cached, until the image itself is decoded. Both fill the same place, so that nothing moves. */
function Layers({ image, alt, onBroken }: Pick<ZoomPaneProps, 'image' | 'alt' | 'onBroken'>): ReactNode {
  const original = useRef<HTMLImageElement>(null);
  const [isDecoded, setDecoded] = useState(false);
  const broken = useEffectEvent(() => onBroken?.());
  useEffect(() => {
    let isCurrent = true;
    original.current?.decode().then(
      () => isCurrent && setDecoded(true),
      () => isCurrent && broken(),
    );
    return () => {
      isCurrent = false;
    };
  }, []);
  return (
    <>
      <Placeholder thumbhash={image.thumbhash} />
      <img
        src={thumbnailUrl(image.url, 1280, image.isBinned)}
        alt=""
        aria-hidden="true"
        draggable={false}
        className={styles['layer']}
      />
      <img
        ref={original}
        src={localUrl(image.url, image.isBinned)}
        alt={alt}
        width={image.width}
        height={image.height}
        draggable={false}
        decoding="async"
        className={styles['layer']}
        data-decoded={isDecoded || undefined}
      />
    </>
  );
}
