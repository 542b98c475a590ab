import type { ReactNode } from 'react';

/** Outlines on a grid of 24. */
const PATHS = {
  activity: 'M3 12h4l3-8 4 16 3-8h4',
  add: 'M12 5v14M5 12h14',
  back: 'M19 12H5m6-6-6 6 6 6',
  bin: 'M4 7h16M9 7V4h6v3m-8 0 1 13h8l1-13M10 11v5m4-5v5',
  check: 'm5 12 5 5 9-11',
  chevronDown: 'm6 9 6 6 6-6',
  chevronLeft: 'm15 6-6 6 6 6',
  chevronRight: 'm9 6 6 6-6 6',
  close: 'M6 6l12 12M18 6 6 18',
  compare: 'M4 5h7v14H4zM13 5h7v14h-7z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  create: 'M12 3v4m0 10v4m9-9h-4M7 12H3m14.5-5.5-2 2m-7 7-2 2m11 0-2-2m-7-7-2-2',
  dice: 'M4 4h16v16H4zM8.5 8.5h.01M15.5 8.5h.01M12 12h.01M8.5 15.5h.01M15.5 15.5h.01',
  download: 'M12 4v11m-5-5 5 5 5-5M5 20h14',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  expand: 'M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5',
  filter: 'M4 6h16M7 12h10m-7 6h4',
  heart: 'M12 20s-8-5-8-11a4.5 4.5 0 0 1 8-2.8A4.5 4.5 0 0 1 20 9c0 6-8 11-8 11z',
  help: 'M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4m0 3h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  info: 'M12 11v6m0-9.5h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  library: 'M4 5h7v7H4zM13 5h7v4h-7zM13 11h7v8h-7zM4 14h7v5H4z',
  lineage: 'M6 4v6m0 0a6 6 0 0 0 6 6h3M6 10v10m12-4a2.5 2.5 0 1 0 0 .01zM6 4h.01M6 20h.01',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  lock: 'M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3',
  menu: 'M4 7h16M4 12h16M4 17h16',
  more: 'M6 11.5v1m-.5-.5h1m5.5-.5v1m-.5-.5h1m5.5-.5v1m-.5-.5h1',
  note: 'M5 4h14v11l-5 5H5zM14 20v-5h5M8 9h8m-8 4h4',
  play: 'M7 5v14l11-7z',
  rerun: 'M4 12a8 8 0 0 1 14-5l2 2m0-5v5h-5M20 12a8 8 0 0 1-14 5l-2-2m0 5v-5h5',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zm5 12 5 5',
  settings: 'M4 7h10m4 0h2M4 17h2m4 0h10M16 5v4M8 15v4',
  signOut: 'M14 4h5v16h-5M15 12H4m4-4-4 4 4 4',
  stack: 'M8 8h12v12H8zM4 16V4h12',
  statistics: 'M5 20V10m7 10V4m7 16v-7',
  tag: 'M4 4h8l8 8-8 8-8-8zM8.5 8.5h.01',
  undo: 'M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3',
  unlock: 'M6 11h12v9H6zM9 11V8a3 3 0 0 1 5.8-1',
  upload: 'M12 16V5m-5 5 5-5 5 5M5 20h14',
  warning: 'M12 4 2.5 20h19zM12 10v4m0 3h.01',
} as const;

export type IconName = keyof typeof PATHS;

export interface IconProps {
  readonly name: IconName;
  /** Filled instead of outlined, for what is switched on. */
  readonly isFilled?: boolean | undefined;
  /** In pixels. Default 20. */
  readonly size?: number | undefined;
}

/** An ornament: the control that has it has a name of its own. */
export function Icon({ name, isFilled = false, size = 20 }: IconProps): ReactNode {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={isFilled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
