import type { NodeView } from '../../../core/snapshot.ts'
import type { ClusterConfig } from '../../../core/configuration.ts'
import { findBookkeeping } from '../../../engines/postgres/contents/bookkeeping.ts'
import { openNode, openSession, readAddress } from '../../../engines/postgres/index.ts'
import { nodeReader } from '../../../engines/postgres/rows/node-reader.ts'
import type { Lab } from '../../../lab/lab.ts'
import { identifier, qualified } from '../../fill/sql.ts'
import type { LabWay } from './lab-way.ts'

const askMs = 10_000

/** A copy that a command is led to. */
export interface Equipped {
  readonly lab: Lab
  /** By which port a node of it is reached. */
  readonly portOf: (node: string) => number
  /** Of production: who may what. */
  readonly nodes: readonly NodeView[]
}

/** Lets a role of production log in to the copy as it may there; the superuser's way where the copy has no such role. */
export async function wayFor({ lab, portOf, nodes }: Equipped, node: string, role: string | null): Promise<LabWay> {
  const [port, { database }] = [portOf(node), lab.node(node)]
  const known = role === null ? undefined : lab.blueprint.roles.find(({ name }) => name === role)
  if (role === null || known === undefined)
    return { node, port, database, user: 'postgres', password: lab.password('postgres') }
  // The one that the copy has given it, on every node: its contracts log in with the same.
  const password = lab.password(role)
  const facts = nodes
    .flatMap(({ facts: { roles } }) => (roles.seen ? roles.value : []))
    .find(({ name }) => name === role)
  const attributes = `login ${facts?.superuser ? 'superuser' : 'nosuperuser'} password '${password}'`
  for (const { name, role: kind } of lab.nodes)
    if (kind !== 'standby') await lab.rows(name, `alter role ${identifier(role)} ${attributes}`)
  return { node, port, database, user: role, password }
}

/**
 * Migration tools read in a table of their own what has run already. Its real rows are copied: with made-up ones a tool would
 * begin from the first migration. Told by their names, as `NODE: schema.table`.
 */
export async function copyBookkeeping(
  lab: Lab,
  cluster: Pick<ClusterConfig, 'nodes'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const copied: string[] = []
  for (const { name, role } of lab.nodes) {
    const url = cluster.nodes.find((node) => node.name === name)?.url
    if (role === 'standby' || url === undefined) continue
    const link = await openNode({ name, url, applicationName: 'antemortem-gate', signal, deadlineMs: askMs })
    try {
      const reached = await link.reach(signal)
      if (!reached.ok) continue
      for (const { schema, table } of await findBookkeeping(nodeReader(link), signal)) {
        const limits = { signal, deadlineMs: askMs }
        const read = await reached.reader.session.copy(`copy ${qualified(schema, table)} to stdout`, [], limits)
        if (read.ok && (await fill(lab, name, { schema, table }, read.data, signal)))
          copied.push(`${name}: ${schema}.${table}`)
      }
    } finally {
      await link.close()
    }
  }
  return copied
}

interface Table {
  readonly schema: string
  readonly table: string
}

/** Instead of the made-up rows; and its sequences go on behind the last of them. */
async function fill(
  lab: Lab,
  node: string,
  { schema, table }: Table,
  data: readonly Buffer[],
  signal: AbortSignal,
): Promise<boolean> {
  const name = qualified(schema, table)
  const opened = await openSession(readAddress(lab.url(node, 'admin')), {
    signal,
    deadlineMs: askMs,
    applicationName: 'antemortem-rehearsal',
    // Without triggers and foreign keys: the rows are as they are.
    options: '-c session_replication_role=replica',
  })
  if (!opened.ok) return false
  const { session } = opened
  const limits = { signal, deadlineMs: askMs }
  try {
    if (!(await session.run({ text: `delete from ${name}` }, limits)).ok) return false
    if (!(await session.copy(`copy ${name} from stdin`, data, limits)).ok) return false
    const sequences = `select pg_catalog.setval(s.name::pg_catalog.regclass, greatest(1, (pg_catalog.xpath('/row/m/text()',
        pg_catalog.query_to_xml(pg_catalog.format('select max(%I) as m from ${name}', s.attname), false, true, '')))[1]::text::int8))
      from (select attname, pg_catalog.pg_get_serial_sequence($1, attname) as name from pg_catalog.pg_attribute
        where attrelid = $1::pg_catalog.regclass and attnum > 0 and not attisdropped) s where s.name is not null`
    await session.run({ text: sequences, values: [name] }, limits)
    return true
  } finally {
    await session.close()
  }
}
