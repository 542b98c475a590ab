import type { FirstTexts, Messages } from '../en/index.ts';
import { app } from './app.ts';
import { find } from './find.ts';
import { library } from './library.ts';
import { problems } from './problems.ts';
import { session } from './session.ts';
import { shortcuts } from './shortcuts.ts';

export const first: Pick<Messages, FirstTexts> = { app, find, library, problems, session, shortcuts };
