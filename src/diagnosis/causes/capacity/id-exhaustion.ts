import type { Case, Cause, Match } from '../../../core/diagnosis.ts'
import type { SequenceFact } from '../../../core/facts/postgres/objects.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { contractHarm, outcomeHarm } from '../../harm.ts'
import { beganSinceGood, clientHarm, entryEvidence, errorsOn, logEffects, type IsSuch } from '../../log-errors.ts'
import { factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { isLogRead } from '../../server-log.ts'
import { wasOtherwise } from '../../since-good.ts'

/** The sequence gives none any more · the value does not fit its column. */
const codes = { sequence: '2200H', type: '22003' }
const largest = new Map([
  ['smallint', 32_767n],
  ['integer', 2_147_483_647n],
])

/** A sequence, or the type of the key that it feeds, is at its end: no new row. */
const cause: Cause = {
  id: 'capacity/id-exhaustion',
  taxonomy: 'id-exhaustion',
  title: 'a sequence or the type of its key is at its end',
  follows: [],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      if (factOf(node, 'server')?.inRecovery !== false) continue
      const found = (factOf(node, 'sequences') ?? []).flatMap((sequence) => {
        const end = endOf(node, sequence)
        return end ? [{ sequence, end }] : []
      })
      for (const { sequence, end } of found)
        yield matchOf(c, node, sequence, end, found.filter((other) => other.end.code === end.code).length)
    }
  },
}
export default cause

interface End {
  readonly code: string
  readonly limit: bigint
  readonly words: string
}

function endOf(node: NodeView, { lastValue, increment, maxValue, column }: SequenceFact): End | null {
  if (lastValue === null || increment <= 0) return null
  const next = BigInt(lastValue) + BigInt(increment)
  if (next > BigInt(maxValue))
    return { code: codes.sequence, limit: BigInt(maxValue), words: `its maximum is ${maxValue}` }
  const table = factOf(node, 'tables')?.find(({ schema, name }) => schema === column?.schema && name === column.table)
  const type = table?.columns.find(({ name }) => name === column?.name)?.type ?? ''
  const limit = largest.get(type)
  if (limit === undefined || next <= limit) return null
  return {
    code: codes.type,
    limit,
    words: `${column?.table ?? ''}.${column?.name ?? ''} is ${type}, which holds no more than ${limit}`,
  }
}

function matchOf(c: Case, node: NodeView, sequence: SequenceFact, end: End, rivals: number): Match {
  const { schema, name, column, lastValue } = sequence
  const fits = (code: string): boolean => code === end.code
  // The one names its sequence; `integer out of range` names nothing, and arithmetic gives it too.
  const isOwn: IsSuch = ({ code, message, role }) =>
    role !== null && fits(code ?? '') && (end.code === codes.type || message.includes(`"${name}"`))
  const lines = errorsOn(c, node.name, isOwn)
  const mayBe = lines.length > 0 || !isLogRead(c, node.name)
  const isIt = mayBe && (rivals === 1 || (lines.length > 0 && end.code === codes.sequence))
  const object = subject.sequence(node.name, schema, name)
  const table = column && `${column.schema}.${column.table}`
  return {
    subject: object,
    direct: [
      evidenceOf(
        node.name,
        'pg_sequences',
        `sequence ${schema}.${name} on ${node.name} stands at ${lastValue ?? '?'}, and ${end.words}`,
        {
          last_value: lastValue,
          limit: String(end.limit),
        },
      ),
      ...lines.map(entryEvidence),
    ],
    indirect: [],
    harm: isIt
      ? [
          ...outcomeHarm(c, node.name, fits),
          ...contractHarm(c, node.name, ({ code }) => fits(code ?? '')),
          ...clientHarm(c, node.name, isOwn),
        ]
      : [],
    isNew:
      newsOf(c, [object], () => true).length > 0 ||
      beganSinceGood(c, lines) ||
      wasOtherwise(c, node.name, (past) => {
        const before = factOf(past, 'sequences')?.find((each) => each.schema === schema && each.name === name)
        return before ? endOf(past, before) !== null : null
      }),
    explains: [
      ...findingsOf(c, 'capacity/sequence-exhaustion', node.name),
      ...(isIt
        ? [
            ...outcomeEffects(c, node.name, fits),
            ...contractEffects(c, node.name, ({ code }) => fits(code ?? '')),
            ...logEffects(c, node.name, isOwn),
          ]
        : []),
    ],
    objects: [object, ...(column ? [subject.table(node.name, column.schema, column.table)] : [])],
    remedy:
      end.code === codes.sequence
        ? {
            words: `Give the sequence room, if its column has it.`,
            commands: [
              `on ${node.name}: alter sequence ${schema}.${name} as bigint no maxvalue;`,
              ...(table ? [`on ${node.name}: is the column a bigint? \\d ${table}`] : []),
            ],
          }
        : {
            words: `The column must become a bigint: that writes the whole table anew behind a lock. To gain time, let the sequence give negative numbers, if the application can read them.`,
            commands: [
              `on ${node.name}: alter sequence ${schema}.${name} minvalue -2147483648 restart with -2147483648;`,
              `later, through the gate: alter table ${table ?? 'TABLE'} alter column ${column?.name ?? 'ID'} type bigint;`,
            ],
          },
  }
}
