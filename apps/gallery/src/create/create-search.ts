import { allOf, oneOf, type SearchParams } from '../page/search-params.ts';

export interface CreateSearch {
  /** Id of a generation whose settings fill the form. */
  readonly from?: string | undefined;
  /** With `from`: another seed, and no questions if the form is empty. */
  readonly vary?: '1' | undefined;
  /** Ids of images of this history that become inputs. */
  readonly image?: readonly string[] | undefined;
  /** Id of a generation that this browser waits for. */
  readonly follow?: string | undefined;
  /** Fills an empty form with the first example. */
  readonly example?: '1' | undefined;
}

/** Reads the search parameters of `/create`. */
export function readCreateSearch(search: SearchParams): CreateSearch {
  return definedOnly({
    from: oneOf(search['from']),
    vary: flagOf(search['vary']),
    image: allOf(search['image']),
    follow: oneOf(search['follow']),
    example: flagOf(search['example']),
  });
}

function flagOf(value: unknown): '1' | undefined {
  return oneOf(value) === '1' ? '1' : undefined;
}

function definedOnly<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Value;
}
