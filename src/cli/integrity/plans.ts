import { createHash, randomUUID } from 'node:crypto'
import { AntemortemError } from '../../core/error.ts'
import type { Plan } from '../../core/plan.ts'
import type { Damage, Mend } from '../../integrity/damage.ts'
import { checkedAs } from '../../integrity/indexes.ts'
import { readIndexOid } from '../../engines/postgres/integrity/index-check.ts'
import { followsOf } from '../../rows/follows.ts'
import { planReindex } from '../../repair/indexes/plan.ts'
import { gatherRebuild } from '../../repair/tables/gather.ts'
import { tableReachOf } from '../../repair/tables/reach.ts'
import { planRebuild, type Copy, type Making } from '../../repair/tables/rebuild.ts'
import type { CommandContext } from '../command.ts'
import type { IntegrityLook } from './look.ts'

/** A plan for each damage that a program may mend; one for a table or an index, however often it is named. */
export async function makePlans(look: IntegrityLook, context: CommandContext): Promise<readonly Plan[]> {
  const { primary } = look.looks
  const from = context.options.text('from')
  if (from !== null && !look.looks.standbys.includes(from))
    throw new AntemortemError(
      'usage',
      `--from ${from.slice(0, 80)}: rows are taken from a physical standby; there is ${look.looks.standbys.join(', ') || 'none'}`,
      'A logical subscriber may have rows of its own, or less than all.',
      { exit: 2 },
    )
  if (primary === null) return []
  const mends = new Map<string, Mend>()
  for (const { mend } of look.damages) if (mend.kind !== 'words') mends.set(keyOf(mend), mend)
  const made: Plan[] = []
  const rebuilt: Rebuilding[] = []
  for (const mend of mends.values()) {
    if (mend.kind !== 'rebuild') continue
    const how = { making: makingOf('rebuild'), chosen: from !== null, signal: context.signal }
    const plan = await rebuildPlan(look, primary, { ...mend, donor: from ?? mend.donor }, how)
    made.push(plan)
    if (plan.refusals.length === 0) rebuilt.push(mend)
  }
  for (const mend of mends.values())
    // A table that is made anew gets new indexes.
    if (mend.kind === 'reindex' && !rebuilt.some((table) => isOf(look, mend, table)))
      made.push(await reindexPlan(look, primary, mend, makingOf('reindex'), context.signal))
  return made
}

const isOf = ({ looks }: IntegrityLook, { schema, index }: Reindexing, { schema: of, table }: Rebuilding): boolean =>
  schema === of &&
  looks.nodes.some(({ indexes }) =>
    indexes.some((each) => each.index === index && each.schema === of && each.table === table),
  )

const keyOf = (mend: Mend): string =>
  mend.kind === 'words'
    ? ''
    : JSON.stringify([mend.kind, mend.schema, mend.kind === 'reindex' ? mend.index : mend.table])

const makingOf = (kind: string): Making => ({
  id: `${kind}-${randomUUID().slice(0, 8)}`,
  atMs: Date.now(),
  digest: (text) => createHash('sha256').update(text).digest('hex'),
})

const canActOn = ({ cluster }: IntegrityLook, node: string): boolean =>
  cluster.nodes.some(({ name, act }) => name === node && act !== null)

type Rebuilding = Extract<Mend, { kind: 'rebuild' }>
type Reindexing = Extract<Mend, { kind: 'reindex' }>

async function rebuildPlan(
  look: IntegrityLook,
  primary: string,
  { schema, table, donor }: Rebuilding,
  { making, chosen, signal }: { readonly making: Making; readonly chosen: boolean; readonly signal: AbortSignal },
): Promise<Plan> {
  const { cluster, looks } = look
  const seen = await gatherRebuild(tableReachOf(cluster), { schema, table, primary, donor }, signal)
  const peer = looks.peers.find((each) => each.standby === donor && each.schema === schema && each.table === table)
  return planRebuild(
    {
      cluster: cluster.name,
      schema,
      table,
      primary,
      donor,
      chosen,
      ...seen,
      known: peer && !peer.more ? { onlyHere: peer.counts.onlyPrimary, otherwise: peer.counts.otherwise } : null,
      copies: copiesOf(look, primary, seen.facts.listed.length + seen.facts.publishes.length > 0, { schema, table }),
      canAct: canActOn(look, primary),
      donorProblems: problemsOf(look.damages, donor, { schema, table }),
    },
    making,
  )
}

/** Its standbys, and the subscribers that have the table and follow the primary, where a publication carries it. */
function copiesOf(
  { looks, snapshot }: IntegrityLook,
  primary: string,
  isPublished: boolean,
  { schema, table }: { readonly schema: string; readonly table: string },
): readonly Copy[] {
  const nodes = snapshot?.nodes ?? []
  const subscribers = nodes.flatMap(({ name, role, upstream }): Copy[] => {
    const follows = role === 'subscriber' && upstream === primary ? followsOf(name, primary, nodes) : null
    const has = looks.nodes.some(
      (node) => node.node === name && node.tables.some((each) => each.schema === schema && each.table === table),
    )
    return isPublished && has && follows?.kind === 'logical' ? [{ node: name, subscription: follows.subscription }] : []
  })
  return [...looks.standbys.map((node) => ({ node, subscription: null })), ...subscribers]
}

const problemsOf = (
  damages: readonly Damage[],
  donor: string,
  { schema, table }: { readonly schema: string; readonly table: string },
): readonly string[] =>
  damages
    .filter(
      ({ node, subject, check }) =>
        node === donor && check !== 'replication/row-consistency' && subject === `${donor}:${schema}.${table}`,
    )
    .map(({ message }) => message)

async function reindexPlan(
  { cluster, looks }: IntegrityLook,
  primary: string,
  { schema, index }: Reindexing,
  making: Making,
  signal: AbortSignal,
): Promise<Plan> {
  const abilities = looks.nodes.find(({ node }) => node === primary)?.abilities
  const method = looks.nodes
    .flatMap(({ indexes }) => indexes)
    .find((each) => each.schema === schema && each.index === index)?.method
  const checked = abilities && method !== undefined ? checkedAs(method, abilities) : null
  const oid = await tableReachOf(cluster).read(primary, signal, async (reader) =>
    readIndexOid(reader, { schema, index }, signal),
  )
  return planReindex(
    {
      cluster: cluster.name,
      schema,
      index,
      primary,
      server: abilities ? `${abilities.systemId}/${abilities.database}` : '',
      oid,
      canAct: cluster.nodes.some(({ name, act }) => name === primary && act !== null),
      amcheck: checked === null ? null : (abilities?.amcheck ?? null),
      method: checked ?? 'btree',
      copies: looks.standbys.filter((standby) => looks.nodes.some(({ node }) => node === standby)),
    },
    making,
  )
}
