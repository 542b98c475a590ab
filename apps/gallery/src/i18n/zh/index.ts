import type { Messages } from '../en/index.ts';
import { activity } from './activity.ts';
import { create } from './create.ts';
import { generations } from './generations.ts';
import { settings } from './settings.ts';
import { statistics } from './statistics.ts';
import { view } from './view.ts';
import { first } from './first.ts';

export const zh: Messages = { ...first, activity, create, generations, settings, statistics, view };
