import { readFileSync, readdirSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { parseAst } from 'vitest/node'

export const src = resolve(import.meta.dirname, '../src')

/** A file of src, read by a real parser: text in strings and comments misleads nobody. */
export interface Source {
  /** Relative to src, with `/`. */
  readonly path: string
  readonly folder: string
  readonly lines: readonly string[]
  /** null: computed at run time. */
  readonly imports: readonly { readonly line: number; readonly to: string | null }[]
  /** `x as T` and `x!`, where they stand. */
  readonly casts: readonly { readonly line: number; readonly kind: 'as' | 'any' | 'non-null' }[]
  /** What a pure folder must not touch. */
  readonly worldly: readonly { readonly line: number; readonly what: string }[]
}

const worldlyCall =
  /^(Date\.now|performance\.|Math\.random|process\.|crypto\.|new Date\(\)|fetch\(|set(Timeout|Interval|Immediate)\()/

type SyntaxNode = Record<string, unknown>
const isNode = (value: unknown): value is SyntaxNode => typeof value === 'object' && value !== null && 'type' in value

/** Every file of src that ships: tests and their builders may import anything. */
export const sources = (): readonly Source[] =>
  readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(src, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.endsWith('.test.ts') && !path.split('/').includes('testing'))
    .sort()
    .map(read)

export const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')

function read(path: string): Source {
  const text = readFileSync(join(src, path), 'utf8')
  const imports: Source['imports'][number][] = []
  const casts: Source['casts'][number][] = []
  const worldly: Source['worldly'][number][] = []
  const lineAt = (offset: unknown): number => text.slice(0, Number(offset)).split('\n').length
  const textOf = (node: unknown): string => (isNode(node) ? text.slice(Number(node['start']), Number(node['end'])) : '')
  for (const node of nodesOf(parseAst(text, { lang: 'ts' }))) {
    // Import and export declarations, import() and import types all name their module in `source`.
    const { type, source } = node
    if (isNode(source))
      imports.push({ line: lineAt(node['start']), to: typeof source['value'] === 'string' ? source['value'] : null })
    if (type === 'TSNonNullExpression') casts.push({ line: lineAt(node['end']), kind: 'non-null' })
    if (type === 'TSAsExpression' && textOf(node['typeAnnotation']) !== 'const')
      casts.push({ line: lineAt(node['end']), kind: textOf(node['typeAnnotation']) === 'any' ? 'any' : 'as' })
    if (
      (type === 'MemberExpression' || type === 'NewExpression' || type === 'CallExpression') &&
      worldlyCall.test(textOf(node))
    )
      worldly.push({ line: lineAt(node['start']), what: textOf(node).slice(0, 30) })
  }
  return { path, folder: folderOf(path), lines: text.split('\n'), imports, casts, worldly }
}

function* nodesOf(value: unknown): Generator<SyntaxNode> {
  if (Array.isArray(value)) for (const item of value) yield* nodesOf(item)
  if (!isNode(value)) return
  yield value
  for (const child of Object.values(value)) if (typeof child === 'object') yield* nodesOf(child)
}
