import { app } from './app.ts';
import { find } from './find.ts';
import { library } from './library.ts';
import { problems } from './problems.ts';
import { session } from './session.ts';
import { shortcuts } from './shortcuts.ts';

/** The texts of the library and of the frame: what the first view shows. */
export const first = { app, find, library, problems, session, shortcuts };
