import type { N8nHost } from './host.ts';
import type { JsonObject } from './types.ts';

interface Property {
  readonly displayName: string;
  readonly name: string;
  readonly type: string;
  /** The fields of a collection, or the kinds of rows of a `fixedCollection`. */
  readonly options?: readonly (Property & { readonly values?: readonly Property[] })[];
}

export type NodeType = JsonObject & { readonly name: string };

/** n8n's own functions that decide what a panel shows; they have no types that a test could use. */
interface NodeHelpers {
  getNodeParameters(...parts: unknown[]): JsonObject;
  displayParameterPath(...parts: unknown[]): boolean;
}

/** The display names of the parameters that the panel of a node must show, in order. */
export function shownParameters(host: N8nHost, nodeType: NodeType, parameters: JsonObject): readonly string[] {
  const { NodeHelpers } = host.require('n8n-workflow') as { NodeHelpers: NodeHelpers };
  const properties = nodeType['properties'] as readonly Property[];
  const node = { typeVersion: 1 };
  const values = NodeHelpers.getNodeParameters(properties, parameters, true, false, node, nodeType);
  const isShown = (property: Property, path = ''): boolean =>
    property.type !== 'hidden' && NodeHelpers.displayParameterPath(values, property, path, node, nodeType);
  // A notice is a text without a label.
  return properties.flatMap((property) =>
    isShown(property) && property.type !== 'notice'
      ? [property.displayName].concat(within(property, values[property.name], isShown))
      : [],
  );
}

function within(
  { name, type, options = [] }: Property,
  value: unknown,
  isShown: (property: Property, path: string) => boolean,
): readonly string[] {
  const set = (value ?? {}) as Readonly<Record<string, unknown>>;
  const namesOf = (properties: readonly Property[], path: string): readonly string[] =>
    properties.filter((property) => isShown(property, path)).map(({ displayName }) => displayName);
  if (type === 'collection') {
    return namesOf(
      options.filter((option) => option.name in set),
      name,
    );
  }
  if (type !== 'fixedCollection') return [];
  return options.flatMap(({ name: kind, values = [] }) =>
    ((set[kind] ?? []) as readonly unknown[]).flatMap((_, row) => namesOf(values, `${name}.${kind}[${row}]`)),
  );
}
