import { hostname } from 'node:os'
import type { ClusterConfig, ContractConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { NodeReaders } from '../../contracts/examine/node-readers.ts'
import { probeWithRoom } from '../../contracts/examine/probe-with-room.ts'
import { readSettingsText } from '../../contracts/settings-files.ts'
import { targetsOf } from '../../contracts/targets.ts'
import { testContract } from '../../contracts/test-contract.ts'
import { readContents } from '../../engines/postgres/contents/read-contents.ts'
import type { Writers } from '../../engines/postgres/contents/writers.ts'
import { readWriters } from '../../engines/postgres/contents/writers.ts'
import { openNode } from '../../engines/postgres/index.ts'
import type { ListedTable } from '../../engines/postgres/rows/list-tables.ts'
import { listTables } from '../../engines/postgres/rows/list-tables.ts'
import type { NodeReader } from '../../engines/postgres/rows/node-reader.ts'
import { nodeReader, ReadFailed } from '../../engines/postgres/rows/node-reader.ts'
import type { ContractSeen, TableContents } from './moment.ts'

const limits = {
  maxRows: { default: 200_000, unit: 'rows', why: 'a fifth of a second of server CPU' },
  statementMs: { default: 1500, unit: 'ms', why: 'a table that needs longer is told as not looked at' },
  nodeMs: { default: 6000, unit: 'ms', why: 'a deploy job waits for it twice' },
  connectMs: { default: 2000, unit: 'ms', why: 'a healthy node needs a tenth of it' },
} as const

/** Every contract by new connections, as its application makes them. A file that names no database any more is a failure like others. */
export async function testContracts(
  cluster: ClusterConfig,
  key: Buffer,
  signal: AbortSignal,
): Promise<readonly ContractSeen[]> {
  const seen: ContractSeen[] = []
  for (const contract of cluster.contracts) seen.push(...(await testOne(cluster, contract, key, signal)))
  return seen
}

async function testOne(
  cluster: ClusterConfig,
  contract: ContractConfig,
  key: Buffer,
  signal: AbortSignal,
): Promise<readonly ContractSeen[]> {
  const from = hostname()
  try {
    return await testContract({ cluster, contract, key, from, signal }, readSettingsText)
  } catch (error) {
    if (!(error instanceof AntemortemError) || error.code !== 'settings') throw error
    const { canary, withinMs } = contract
    const targets = targetsOf(cluster, contract, readSettingsText)
    const readers = new NodeReaders(cluster, signal)
    const options = { signal, canary, withinMs, key, from }
    try {
      return await Promise.all(targets.map(async (target) => probeWithRoom(target, options, readers)))
    } finally {
      await readers.close()
    }
  }
}

interface ReadNode {
  readonly contents: readonly TableContents[]
  readonly writers: readonly Writers[]
}

/** Counts and hashes of the tables of every node that takes writes, within a budget; and who may write on a subscriber. */
export async function readAllContents(
  cluster: Pick<ClusterConfig, 'nodes'>,
  { nodes }: Pick<Snapshot, 'nodes'>,
  signal: AbortSignal,
): Promise<{ readonly contents: readonly TableContents[]; readonly writers: ReadonlyMap<string, readonly Writers[]> }> {
  const taking = nodes.filter(({ role, facts }) => role !== 'standby' && role !== null && facts.server.seen)
  const read = await Promise.all(
    taking.map(async ({ name, role }): Promise<readonly [string, ReadNode]> => {
      const url = cluster.nodes.find((node) => node.name === name)?.url ?? ''
      return [name, await readNode({ name, url, isSubscriber: role === 'subscriber', signal })]
    }),
  )
  return {
    contents: read.flatMap(([, { contents }]) => contents),
    writers: new Map(read.map(([name, { writers }]) => [name, writers])),
  }
}

async function readNode(node: {
  readonly name: string
  readonly url: string
  readonly isSubscriber: boolean
  readonly signal: AbortSignal
}): Promise<ReadNode> {
  const { name, url, isSubscriber, signal } = node
  const link = await openNode({
    name,
    url,
    applicationName: 'antemortem-gate',
    signal,
    deadlineMs: limits.connectMs.default,
    statementTimeoutMs: limits.statementMs.default,
  })
  const reader = nodeReader(link)
  try {
    const { tables } = await listTables(reader, signal)
    const writers = isSubscriber ? await readWriters(reader, signal) : []
    return { contents: await readTables(reader, tables, signal), writers }
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error
    const { code, message } = error.failure
    return {
      contents: [{ node: name, schema: '*', table: '*', contents: null, unread: { code, words: message } }],
      writers: [],
    }
  } finally {
    await link.close()
  }
}

/** Small tables first; one that was never analysed may be of any size, and comes last. */
async function readTables(
  reader: NodeReader,
  tables: readonly ListedTable[],
  signal: AbortSignal,
): Promise<readonly TableContents[]> {
  const untilMs = performance.now() + limits.nodeMs.default
  const size = ({ rowsEstimated }: ListedTable): number => (rowsEstimated < 0 ? Infinity : rowsEstimated)
  const wanted = tables
    .filter(({ kind, ofExtension }) => kind === 'r' && !ofExtension)
    .toSorted((a, b) => size(a) - size(b))
  const read: TableContents[] = []
  for (const { schema, table, rowsEstimated } of wanted) {
    const place = { node: reader.name, schema, table }
    const unread = (words: string, code: string | null = null): TableContents => ({
      ...place,
      contents: null,
      unread: { code, words },
    })
    if (rowsEstimated > limits.maxRows.default) read.push(unread(`about ${rowsEstimated} rows: more than the budget`))
    else if (performance.now() > untilMs) read.push(unread('the time for counting was over'))
    else
      try {
        read.push({ ...place, contents: await readContents(reader, place, signal), unread: null })
      } catch (error) {
        if (!(error instanceof ReadFailed)) throw error
        read.push(unread(error.failure.message, error.failure.code))
      }
  }
  return read
}
