import { parseAst } from 'vite';

/** The modules and globals that a JavaScript file uses, from its syntax tree: words in texts and comments do not count. */
interface Imports {
  /** Required or imported modules, in order; `null` for a name that is known only at run time. */
  readonly modules: readonly (string | null)[];
  /** All identifiers except the names of properties. */
  readonly names: ReadonlySet<string>;
}

interface Syntax {
  readonly type: string;
  readonly [field: string]: unknown;
}

const isSyntax = (value: unknown): value is Syntax => typeof value === 'object' && value !== null && 'type' in value;

export function importsOf(code: string): Imports {
  const modules: (string | null)[] = [];
  const names = new Set<string>();
  const nameOf = (value: unknown): unknown => (isSyntax(value) && value.type === 'Identifier' ? value['name'] : null);
  const moduleOf = (value: unknown): string | null =>
    isSyntax(value) && typeof value['value'] === 'string' ? value['value'] : null;

  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const one of value) visit(one);
    }
    if (!isSyntax(value)) return;
    const isCall = value.type === 'CallExpression' && nameOf(value['callee']) === 'require';
    const [argument] = isCall ? (value['arguments'] as unknown[]) : [];
    if (isCall) modules.push(moduleOf(argument));
    if (/^Import(Expression|Declaration)$|^Export(All|Named)Declaration$/.test(value.type) && value['source'])
      modules.push(moduleOf(value['source']));
    const name = nameOf(value);
    // `require` as a value could load anything.
    if (name === 'require') modules.push(null);
    if (typeof name === 'string') names.add(name);
    for (const [field, child] of Object.entries(value)) {
      const isProperty = (field === 'property' || field === 'key') && value['computed'] !== true && !value['shorthand'];
      if (!isProperty && !(isCall && field === 'callee')) visit(child);
    }
  };
  visit(parseAst(code));
  return { modules, names };
}
