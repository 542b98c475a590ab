import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OWN_ROOT } from '../gateway/history-process.ts';

/**
 * What the bench takes from history as it is built: terms of texts and lookups, cursors, and the writer of generations. Its sources have
 * decorators, which Node does not run.
 */

/** A text as it is compared, and its terms. */
interface IndexedText {
  readonly text: string;
  readonly terms: string;
}

interface TextRow {
  readonly prompt: string;
  readonly prompt_terms: string;
}

interface Lookups {
  readonly clientUser: string | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly request: object;
}

interface TextRows {
  readonly indexedText: (texts: readonly string[]) => IndexedText;
  readonly newTextRow: (generationId: string, projectId: string, prompt: string) => TextRow;
}

interface LookupTerms {
  readonly lookupTermsOf: (generation: Lookups) => readonly string[];
}

interface ListIdentity {
  readonly kind: 'generations' | 'images';
  readonly scope: { readonly projectId: unknown };
  readonly filter: object;
  readonly order: 'desc' | 'asc';
}

interface Cursors {
  readonly cursorOf: (
    position: { readonly generationId: string; readonly index: number },
    list: ListIdentity,
  ) => string;
}

interface Scopes {
  readonly ALL_PROJECTS: unknown;
}

export interface ServiceDatabase {
  readonly dataSource: unknown;
  close(): Promise<void>;
}

interface OpenDatabase {
  readonly openServiceDatabase: (config: {
    readonly databaseUrl: string;
    readonly dataDir: string;
  }) => Promise<ServiceDatabase>;
}

/** The writes of a generation that is sent at once: accepted, sent, done. */
export interface LedgerWrites {
  insert(rows: object, claim: null, reservation: null): Promise<unknown>;
  end(priced: { id: string; reserved: number | null }, end: object, images: readonly object[]): Promise<boolean>;
}

interface LedgerModule {
  readonly LedgerRepository: new (dataSource: unknown) => LedgerWrites;
}

function load<Module>(path: string): Promise<Module> {
  return import(pathToFileURL(join(OWN_ROOT, 'apps/history/dist', path)).href) as Promise<Module>;
}

export const textRows = (): Promise<TextRows> => load('ledger/text-rows.repository.js');
export const lookupTerms = (): Promise<LookupTerms> => load('domain/lookup-term.js');
export const cursors = (): Promise<Cursors> => load('generations/cursor.js');
export const scopes = (): Promise<Scopes> => load('domain/scope.js');
export const ledger = (): Promise<LedgerModule> => load('ledger/ledger.repository.js');

/** Creates the tables, or updates them. */
export async function openServiceDatabase(databaseUrl: string): Promise<ServiceDatabase> {
  const { openServiceDatabase: open } = await load<OpenDatabase>('boot/open-database.js');
  return open({ databaseUrl, dataDir: '' });
}
