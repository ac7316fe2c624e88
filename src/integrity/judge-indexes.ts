import { subject } from '../core/subject.ts'
import type { Damage } from './damage.ts'
import type { IndexLook, Looks } from './looks.ts'

/** Indexes that do not fit their tables. An index holds nothing that its table does not: it is built anew. */
export const judgeIndexes = ({ nodes, primary }: Looks): readonly Damage[] =>
  nodes.flatMap(({ node, indexes }) =>
    indexes.flatMap(({ schema, index, table, problem, by, method }): Damage[] => {
      if (problem === null || isOfTable(nodes, node, { schema, table }, problem)) return []
      const alsoOn = nodes.filter(
        (other) => other.node !== node && other.indexes.some((each) => isSame(each, { schema, index })),
      )
      return [
        {
          check: `integrity/${by}`,
          subject: subject.index(node, schema, index),
          node,
          severity: 'critical',
          message: `index ${schema}.${index} on ${node} does not fit ${schema}.${table}: ${problem}. Who looks by it does not find rows that are there, or is refused; no row is lost`,
          evidence: { message: problem, table, method, also_on: alsoOn.map((other) => other.node).join(', ') || null },
          remedy: `Build it anew on ${primary ?? 'the primary'}, beside the old one, which mends its standbys as well: antemortem integrity --repair plan`,
          mend: { kind: 'reindex', schema, index },
        },
      ]
    }),
  )

/** Compared with its table, an index meets the damage of that: the file in the message is not its own. */
function isOfTable(
  nodes: Looks['nodes'],
  node: string,
  { schema, table }: Pick<IndexLook, 'schema' | 'table'>,
  problem: string,
): boolean {
  const words = nodes
    .find((look) => look.node === node)
    ?.tables.find((each) => each.schema === schema && each.table === table)?.words
  const file = fileOf(problem)
  return file !== null && words != null && fileOf(words) === file
}

const fileOf = (message: string): string | null => /\b((?:base|global|pg_tblspc)\/[\w/]*\w)/.exec(message)?.[1] ?? null

const isSame = (a: IndexLook, b: Pick<IndexLook, 'schema' | 'index'>): boolean =>
  a.schema === b.schema && a.index === b.index && a.problem !== null
