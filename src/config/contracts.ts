import type { CanaryTable, ContractConfig, ReadRoute } from '../core/configuration.ts'
import type { YamlDocument } from './document.ts'
import { pathText, type Problem } from './problem.ts'
import { examples, readQuantity } from './quantity.ts'
import type { ContractShape } from './schema.ts'

/** A contract as the program uses it, and what its texts say wrong. */
export function readContract(
  name: string,
  shape: ContractShape,
  path: readonly PropertyKey[],
  document: YamlDocument,
): { readonly contract: ContractConfig; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const complain = (key: readonly PropertyKey[], message: string): void => {
    problems.push({ ...document.placeOf([...path, ...key]), path: pathText([...path, ...key]), message })
  }
  const duration = (key: 'within_ms' | 'stale_ms'): number => {
    const value = readQuantity(shape[key], 'ms')
    if (value === null || value === 0) complain([key], `expected ${examples.ms}, above 0`)
    return value ?? 0
  }
  const settings = (typeof shape.settings === 'string' ? [shape.settings] : shape.settings).map((spec, n) => {
    const { file, key } = fileAndKey(spec)
    if (file === null) complain(['settings', n], 'names no file; expected FILE or FILE#KEY')
    return { file: file ?? '', key }
  })
  const twice = settings.find((one, n) =>
    settings.slice(0, n).some((other) => other.file === one.file && other.key === one.key),
  )
  if (twice) complain(['settings'], `names ${twice.file} twice`)
  if (shape.canary_table !== undefined && shape.read_only)
    complain(['canary_table'], 'a contract with `read_only: true` writes no row; take one of the two out')
  const contract: ContractConfig = {
    name,
    settings,
    node: shape.node,
    readOnly: shape.read_only,
    reads: readRoutes(shape.reads),
    canary: shape.canary ?? null,
    withinMs: duration('within_ms'),
    staleMs: duration('stale_ms'),
    outcomes: shape.outcomes?.slice('file:'.length) ?? null,
    ...(shape.writes !== undefined && { writes: typeof shape.writes === 'string' ? [shape.writes] : shape.writes }),
    ...(shape.prepared_statements !== undefined && { prepared: shape.prepared_statements }),
    ...(shape.canary_table !== undefined && { canaryTable: tableOf(shape.canary_table) }),
  }
  return { contract, problems }
}

/** Always with its schema: the search path is what a change may take away. */
function tableOf(name: string): CanaryTable {
  const at = name.indexOf('.')
  return { schema: name.slice(0, at), table: name.slice(at + 1) }
}

/** A plain node name means the contract's login at that node's own address. */
const readRoutes = (reads: ContractShape['reads']): readonly ReadRoute[] =>
  Array.isArray(reads)
    ? reads.map((node) => ({ node, file: null, key: null }))
    : Object.entries(reads).map(([node, spec]) => ({ node, ...fileAndKey(spec) }))

/** `FILE#KEY`, `#KEY` of the contract's own files, or `FILE`. A `#` in a directory's name does not make a key. */
function fileAndKey(spec: string): { readonly file: string | null; readonly key: string | null } {
  const parts = /^(.*?)#([A-Za-z_*][\w.:-]*)$/.exec(spec)
  if (!parts) return { file: spec, key: null }
  return { file: parts[1] === '' ? null : (parts[1] ?? null), key: parts[2] ?? null }
}
