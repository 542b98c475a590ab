import { activity } from './activity.ts';
import { create } from './create.ts';
import { generations } from './generations.ts';
import { settings } from './settings.ts';
import { statistics } from './statistics.ts';
import { view } from './view.ts';
import { first } from './first.ts';

export const en = { ...first, activity, create, generations, settings, statistics, view };

/** All texts of the page. A language that misses one does not compile. */
export type Messages = typeof en;

/** Their parts that the first view needs. */
export type FirstTexts = keyof typeof first;
