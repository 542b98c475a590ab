import type { PipeTransform } from '@nestjs/common';
import type { Parsed } from '@wan-image/core';
import { brokenRules, notFound } from '../domain/api-error.ts';
import { uuidOf } from '../domain/uuid.ts';

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
