import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { Actor } from '../../engines/postgres/act/actor.ts'
import type { Donor } from '../../engines/postgres/act/swap/rows.ts'
import { openNode } from '../../engines/postgres/index.ts'
import { commonColumns } from '../../engines/postgres/rows/exact-column.ts'
import { nodeReader, type NodeReader } from '../../engines/postgres/rows/node-reader.ts'
import { openTable } from '../../engines/postgres/rows/table-reader.ts'
import { readTableShape, type TableShape } from '../../engines/postgres/rows/table-shape.ts'
import { compareTable } from '../../rows/compare-table.ts'
import { reachOf, wholeOf, type Compared, type Reach } from '../reach.ts'

export interface TableName {
  readonly schema: string
  readonly table: string
}

/** A copy of a table to be compared with its source. */
export interface CopyOf extends TableName {
  readonly source: string
  readonly node: string
  readonly subscription: string | null
}

/** A node that gives rows, for the time of one step. */
export interface OpenDonor extends Donor {
  readonly reader: NodeReader
  readonly shape: TableShape
}

export interface TableReach {
  readonly act: Reach['act']
  readonly passiveFence: boolean
  donor<T>(node: string, table: TableName, signal: AbortSignal, work: (donor: OpenDonor) => Promise<T>): Promise<T>
  compare(copy: CopyOf, signal: AbortSignal): Promise<Compared>
  /** The check of one index against its table, by the reading role; throws what it finds. */
  read<T>(node: string, signal: AbortSignal, work: (reader: NodeReader) => Promise<T>): Promise<T>
}

const limits = {
  statementMs: {
    default: 600_000,
    unit: 'ms',
    why: 'the hash of a large table is one statement; the step has a deadline of its own',
  },
  fenceMs: { default: 60_000, unit: 'ms', why: 'a copy that has just been sent a whole table has to catch up' },
  tries: {
    default: 6,
    unit: 'tries',
    why: 'replay cancels a read now and then (40001); one that it cancels six times it always will',
  },
  pauseMs: { default: 300, unit: 'ms', why: 'replay has gone on by then' },
} as const

export function tableReachOf(cluster: ClusterConfig): TableReach {
  const { act } = reachOf(cluster)
  const read = async <T>(
    node: string,
    signal: AbortSignal,
    work: (reader: NodeReader, copy: Donor['copyOut']) => Promise<T>,
  ): Promise<T> => {
    const url = cluster.nodes.find(({ name }) => name === node)?.url
    if (url === undefined)
      throw new AntemortemError(
        'node-unknown',
        `cluster ${cluster.name} has no node ${node}`,
        'The configuration changed since the plan was made: make it again.',
        { exit: 2 },
      )
    const link = await openNode({
      name: node,
      url,
      applicationName: 'antemortem-rows',
      signal,
      deadlineMs: 5_000,
      statementTimeoutMs: limits.statementMs.default,
    })
    try {
      const reader = nodeReader(link)
      const patient: NodeReader = {
        name: node,
        run: async (statement, bounds) =>
          again(async () => reader.run(statement, { ...bounds, deadlineMs: limits.statementMs.default }), signal),
      }
      const copy: Donor['copyOut'] = async (text) => {
        const answer = await again(async () => {
          const reached = await link.reach(signal)
          return reached.ok
            ? reached.reader.session.copy(text, [], { signal, deadlineMs: limits.statementMs.default })
            : reached
        }, signal)
        if (answer.ok) return answer.data
        throw new AntemortemError('donor-unreadable', answer.failure.message, answer.failure.remedy, { exit: 4 })
      }
      return await work(patient, copy)
    } finally {
      await link.close()
    }
  }
  return {
    act,
    passiveFence: cluster.fence === 'passive',
    donor: async (node, table, signal, work) =>
      read(node, signal, async (reader, copyOut) => {
        const shape = await readTableShape(reader, table, signal)
        return work({ reader, copyOut, shape, table: comparable(reader, shape, shape) })
      }),
    compare: async ({ schema, table, source, node, subscription }, signal) =>
      read(source, signal, async (from) =>
        read(node, signal, async (to) => {
          const follows =
            subscription === null ? ({ kind: 'physical' } as const) : ({ kind: 'logical', subscription } as const)
          const scope = { schema, table, columns: null, rowFilter: null }
          const budget = { fenceMs: limits.fenceMs.default, passiveFence: cluster.fence === 'passive' }
          return wholeOf(compareTable({ source: from, target: to, follows }, scope, budget, signal))
        }),
      ),
    read: async (node, signal, work) => read(node, signal, async (reader) => work(reader)),
  }
}

/** A read that replay has cancelled is asked again. */
async function again<T extends { readonly ok: boolean }>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let n = 1; ; n += 1) {
    const answer = await ask()
    if (answer.ok || n >= limits.tries.default || codeOf(answer) !== '40001') return answer
    await sleep(limits.pauseMs.default, undefined, { signal })
  }
}

const codeOf = (answer: object): unknown => {
  const failure: unknown = Reflect.get(answer, 'failure')
  return typeof failure === 'object' && failure !== null ? Reflect.get(failure, 'code') : null
}

/** One side of two tables of the same columns: they are compared whatever each is called. */
export function comparable(
  reader: NodeReader,
  shape: TableShape,
  like: TableShape,
  table = shape.table,
): OpenDonor['table'] {
  const { columns, left } = commonColumns(like, shape, { published: null, physical: true })
  if (left.length > 0)
    throw new AntemortemError(
      'columns-differ',
      `${table} on ${reader.name}: ${left.join('; ')}`,
      'Make the plan again.',
      { exit: 4 },
    )
  return openTable(reader, { schema: shape.schema, table, columns, key: like.key, rowFilter: null })
}

/** The acting session as somebody who can be asked for rows; what it refuses it throws. */
export const actorReader = (name: string, actor: Actor): NodeReader => ({
  name,
  run: async (statement) => ({ ok: true, rows: await actor.run(statement), tookMs: 0 }),
})
