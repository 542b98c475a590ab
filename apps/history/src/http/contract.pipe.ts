import type { PipeTransform } from '@nestjs/common';
import type { Parsed } from '@wan-image/core';
import { brokenRules, notFound } from '../domain/api-error.ts';
import { uuidOf } from '../domain/uuid.ts';
import { noSuchRoute } from './routes.ts';

/**
 * Validates a body or a query with a parse function of the contract: `@Body(contract(parseResolution))`. A 400 reports all problems at
 * once.
 */
export function contract<T>(parse: (input: never) => Parsed<T>): PipeTransform<unknown, T> {
  return {
    transform(input) {
      // The parse function itself checks its input.
      const parsed = parse(input as never);
      if (parsed.ok) return parsed.value;
      throw brokenRules(parsed.problems);
    },
  };
}

/** What stands beside the ids of images in `/v1/images/`, and can only be sent to. */
const SENT_TO = new Set(['generations', 'edits']);

/** The id of an image in a path. The names of other routes are none: with this method they do not exist. */
export function imageIdOf(method: 'GET' | 'PATCH' | 'DELETE'): PipeTransform<string, string> {
  return {
    transform(text) {
      if (SENT_TO.has(text)) throw noSuchRoute(method, `/v1/images/${text}`, ['POST']);
      return text;
    },
  };
}

/** Normalizes the id in a path as the database has it; 404 if it is not a UUID: `@Param('id', idOf('This generation'))`. */
export function idOf(what: string): PipeTransform<string, string> {
  return {
    transform(text) {
      const id = uuidOf(text);
      if (id === null) throw notFound(what);
      return id;
    },
  };
}
