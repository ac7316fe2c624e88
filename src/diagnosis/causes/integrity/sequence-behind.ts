import type { Case, Cause, Match } from '../../../core/diagnosis.ts'
import type { SequenceFact } from '../../../core/facts/postgres/objects.ts'
import type { TableFact } from '../../../core/facts/postgres/schema.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { sqlLiteral } from '../../../core/sql-text.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { contractHarm, outcomeHarm } from '../../harm.ts'
import { clientHarm, entryEvidence, errorsOn, logEffects, type IsSuch } from '../../log-errors.ts'
import { factOf } from '../../look.ts'
import { aboutColumns, newsOf } from '../../news.ts'
import { isLogRead } from '../../server-log.ts'

const isDouble = (code: string): boolean => code === '23505'

/** A sequence gives numbers that its table already has: new rows are refused as double. */
const cause: Cause = {
  id: 'integrity/sequence-behind',
  taxonomy: 'database-failure-unspecified',
  title: "a sequence is behind its column's largest value",
  follows: [],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      if (factOf(node, 'server')?.inRecovery !== false) continue
      for (const sequence of factOf(node, 'sequences') ?? []) {
        const match = matchOf(c, node, sequence)
        if (match) yield match
      }
    }
  },
}
export default cause

/** Unique over just this column: only such a constraint is broken by a number that comes again. */
function uniqueOn(table: TableFact, column: string): readonly string[] {
  return table.indexes.flatMap((definition) => {
    const [, , name = '', columns] =
      /^CREATE UNIQUE INDEX ("?)(.+?)\1 ON .* USING \w+ \(("?.+?"?)\)(?! WHERE)/.exec(definition) ?? []
    return columns?.replaceAll('"', '') === column ? [name] : []
  })
}

/** Where it stood a moment ago; null where that is not known. */
function stoodAt(c: Case, node: string, { schema, name }: SequenceFact): bigint | null {
  const past = c.earlier?.nodes.find((each) => each.name === node)
  const before = past && factOf(past, 'sequences')?.find((each) => each.schema === schema && each.name === name)
  return before?.lastValue == null ? null : BigInt(before.lastValue)
}

function matchOf(c: Case, node: NodeView, sequence: SequenceFact): Match | null {
  const { schema, name, column, lastValue, increment } = sequence
  const table = factOf(node, 'tables')?.find((each) => each.schema === column?.schema && each.name === column.table)
  if (!column || !table) return null
  const constraints = uniqueOn(table, column.name)
  const isOwn: IsSuch = ({ code, message, role }) =>
    role !== null && isDouble(code ?? '') && constraints.some((constraint) => message.includes(`"${constraint}"`))
  const lines = errorsOn(c, node.name, isOwn)
  const own = subject.sequence(node.name, schema, name)
  const isColumn = aboutColumns([column.name])
  const news = newsOf(c, [own], () => true)
  const before = stoodAt(c, node.name, sequence)
  const now = lastValue === null ? 0n : BigInt(lastValue)
  const fell = before !== null && (increment > 0 ? now < before : now > before)
  if (lines.length === 0 && !fell && news.length === 0) return null
  const full = `${schema}.${name}`
  const where = `${column.schema}.${column.table}.${column.name}`
  // Where the log is read and names no such key, what fails as double is another one.
  const isIt = lines.length > 0 || !isLogRead(c, node.name)
  return {
    subject: own,
    direct: fell
      ? [
          evidenceOf(
            node.name,
            'pg_sequences',
            `sequence ${full} stands at ${lastValue ?? 'its start'}, and stood at ${before} a moment ago: it feeds ${where}`,
            {
              last_value: lastValue,
              before: String(before),
            },
          ),
        ]
      : [],
    indirect: [
      evidenceOf(
        node.name,
        'pg_sequences',
        `sequence ${full}, which feeds ${where}, stands at ${lastValue ?? 'its start'}`,
        {
          last_value: lastValue,
        },
      ),
      ...lines.map(entryEvidence),
    ],
    harm: isIt
      ? [
          ...outcomeHarm(c, node.name, isDouble),
          ...contractHarm(c, node.name, ({ code }) => isDouble(code ?? '')),
          ...clientHarm(c, node.name, isOwn),
        ]
      : [],
    isNew: c.lastGoodMs !== null && (fell || news.length > 0),
    explains: [
      ...findingsOf(c, 'replication/sequence-behind'),
      ...(isIt
        ? [
            ...outcomeEffects(c, node.name, isDouble),
            ...contractEffects(c, node.name, ({ code }) => isDouble(code ?? '')),
            ...logEffects(c, node.name, isOwn),
          ]
        : []),
    ],
    objects: [own, subject.table(node.name, column.schema, column.table)],
    isTrigger: (change) => change.object === own || isColumn(change),
    ...(!fell && {
      missing: `on ${node.name}: select max(${column.name}) from ${column.schema}.${column.table}; against ${lastValue ?? 'no'} of the sequence`,
    }),
    remedy: {
      words: `Set the sequence behind the largest value, with a margin for what is under way.`,
      commands: [
        `on ${node.name}: select setval(${sqlLiteral(full)}, (select max(${column.name}) from ${column.schema}.${column.table}) + 1000);`,
      ],
    },
  }
}
