import type { YamlDocument } from './document.ts'
import { nearest } from './nearest.ts'
import { pathText, type Problem } from './problem.ts'

/**
 * Names that must stand elsewhere in the file: the nodes of contracts and of invariants. It reads the raw value, so that a wrong name is told in
 * the same run as an unknown key.
 */
export function danglingNames(document: YamlDocument): readonly Problem[] {
  const problems: Problem[] = []
  const need = (
    nodes: readonly string[],
    name: unknown,
    path: readonly PropertyKey[],
    which: 'key' | 'value',
  ): void => {
    if (typeof name !== 'string' || nodes.includes(name)) return
    const near = nearest(name, nodes)
    const instead = near ? `did you mean '${near}'?` : `there are: ${nodes.join(', ')}`
    problems.push({
      ...document.placeOf(path, which),
      path: pathText(path),
      message: `no node '${name.slice(0, 80)}'; ${instead}`,
    })
  }
  for (const [clusterName, cluster] of fields(at(document.value, 'clusters'))) {
    const nodes = fields(at(cluster, 'nodes')).map(([name]) => name)
    if (nodes.length === 0) continue
    for (const [invariant, shape] of fields(at(cluster, 'checks'))) {
      const path = ['clusters', clusterName, 'checks', invariant, 'on']
      const on = at(shape, 'on')
      if (Array.isArray(on)) on.forEach((name: unknown, n) => need(nodes, name, [...path, n], 'value'))
      else need(nodes, on, path, 'value')
    }
    for (const [contractName, contract] of fields(at(cluster, 'contracts'))) {
      const path = ['clusters', clusterName, 'contracts', contractName]
      need(nodes, at(contract, 'node'), [...path, 'node'], 'value')
      const reads = at(contract, 'reads')
      if (Array.isArray(reads)) reads.forEach((name: unknown, n) => need(nodes, name, [...path, 'reads', n], 'value'))
      else for (const [name] of fields(reads)) need(nodes, name, [...path, 'reads', name], 'key')
    }
  }
  return problems
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fields = (value: unknown): readonly (readonly [string, unknown])[] =>
  isFields(value) ? Object.entries(value) : []

const at = (value: unknown, key: string): unknown =>
  isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined
