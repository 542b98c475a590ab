import { useEffect, useState } from 'react';

/**
 * Whether a file is being dragged over the page, which is given to `onFile` where it is dropped. While it is off, a file is left to the
 * view. What is dragged within the page is no file.
 */
export function useDroppedFile(isOn: boolean, onFile: (file: File) => void): boolean {
  const [isDragging, setIsDragging] = useState(false);
  useEffect(() => {
    if (!isOn) return undefined;
    // `dragleave` comes for each element that is crossed: only as many as `dragenter` mean that the page was left.
    let depth = 0;
    const listen = (name: 'dragenter' | 'dragover' | 'dragleave' | 'drop', listener: (event: DragEvent) => void) => {
      const onFiles = (event: DragEvent): void => {
        if (event.defaultPrevented || event.dataTransfer?.types.includes('Files') !== true) return;
        event.preventDefault();
        listener(event);
      };
      window.addEventListener(name, onFiles);
      return () => window.removeEventListener(name, onFiles);
    };
    const enter = (by: number): void => {
      depth = Math.max(0, depth + by);
      setIsDragging(depth > 0);
    };
    const removals = [
      listen('dragenter', () => enter(1)),
      listen('dragleave', () => enter(-1)),
      listen('dragover', () => undefined),
      listen('drop', ({ dataTransfer }) => {
        enter(-depth);
        const [file] = dataTransfer?.files ?? [];
        if (file !== undefined) onFile(file);
      }),
    ];
    return () => {
      removals.forEach((remove) => remove());
      setIsDragging(false);
    };
  }, [isOn, onFile]);
  return isDragging;
}
