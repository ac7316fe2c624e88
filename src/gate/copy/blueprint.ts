import type { NodeView } from '../../core/snapshot.ts'
import type { Ddl, DdlStatement } from '../../engines/postgres/ddl/extract.ts'
import type { SubscriptionDdl } from '../../engines/postgres/ddl/subscriptions.ts'
import type { Blueprint, BlueprintNode, BlueprintRole, BlueprintSubscription } from '../../lab/blueprint.ts'
import { identifier } from '../fill/sql.ts'
import { syntheticData } from '../fill/synthetic-data.ts'
import { narrowed } from './publications.ts'
import type { RealCluster } from './read-cluster.ts'
import { settingsFor } from './settings.ts'

/** The lab's plan, what has to be run in it before it is a copy, and what is no part of it. */
export interface ClusterCopy {
  readonly blueprint: Blueprint
  readonly major: number
  /** On the primary, after the lab has started. */
  readonly afterStart: readonly string[]
  readonly notRehearsed: readonly string[]
}

/** The same nodes, definitions, publications and subscriptions, with a few rows that nobody has ever seen. Pure. */
export function copyOf(real: RealCluster): ClusterCopy {
  const { primary, nodes, ddl } = real
  const source = ddl.get(primary)
  if (!source) throw new Error('the primary was read')
  const copied = nodes.filter(({ name, upstream }) => name === primary || upstream === primary)
  const { publications, afterStart } = narrowed(source.publications, copied)
  const notes = [
    ...nodes
      .filter((node) => !copied.includes(node))
      .map((node) => `node ${node.name}: it follows ${node.upstream ?? 'nobody'}`),
    ...copied.flatMap(({ name }) => (ddl.get(name) ? leftOutOf(name, ddl.get(name)) : [])),
    ...copied.flatMap(({ name }) => (ddl.get(name)?.subscriptions ?? []).flatMap((one) => oddities(name, one, source))),
    'the rows and load of production: every table has a few made-up rows',
  ]
  return {
    blueprint: {
      name: `rehearsal-${real.name}`,
      database: source.database,
      // The primary first: the lab numbers its nodes.
      nodes: [...copied]
        .sort((a, b) => Number(b.name === primary) - Number(a.name === primary))
        .map((node) => nodeOf(node, { ddl: ddl.get(node.name), source, followers: copied.length - 1 })),
      roles: rolesOf([source, ...ddl.values()]),
      logins: { admin: 'postgres', watch: 'postgres', app: 'postgres', replication: 'postgres' },
      data: syntheticData(real.fillable),
      publications: publications.map(tolerant),
    },
    major: Math.floor(source.versionNum / 10_000),
    afterStart,
    notRehearsed: notes,
  }
}

/** The copy has just been checkpointed: with whole pages every small change would look like a large one. */
const ofCopy = { full_page_writes: 'off' }

interface Sources {
  readonly ddl: Ddl | undefined
  /** The primary's. */
  readonly source: Ddl
  readonly followers: number
}

function nodeOf(node: NodeView, { ddl, source, followers }: Sources): BlueprintNode {
  const { name, role, facts } = node
  const settings = { ...settingsFor(node, followers), ...ofCopy }
  if (role === 'standby') {
    const slot = facts.receiver.seen ? facts.receiver.value[0]?.slot : null
    return { name, role, settings, slot: slot ?? `${name.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')}_rehearsal` }
  }
  const schema = [
    'set check_function_bodies = off',
    `set search_path = ''`,
    ...ownRoles(ddl, source).map(tolerant),
    ...(ddl?.statements ?? []).map(tolerant),
  ]
  if (role !== 'subscriber') return { name, role: 'primary', settings, schema }
  // A subscriber may publish to others in its turn.
  const own = (ddl?.publications ?? []).map(tolerant)
  return { name, role, settings, schema: [...schema, ...own], subscriptions: subscriptionsOf(ddl, source) }
}

const subscriptionsOf = (ddl: Ddl | undefined, source: Ddl): readonly BlueprintSubscription[] =>
  (ddl?.subscriptions ?? []).flatMap((subscription) => {
    const publications = subscription.publications.filter((name) => publishes(source, name))
    if (publications.length === 0) return []
    const { name, slot, failover, options, owner, ownerIsSuperuser } = subscription
    const own = ownerIsSuperuser ? {} : { owner }
    return [{ name, publications, slot: slot ?? name, failover, options, ...own }]
  })

const publishes = (source: Ddl, name: string): boolean =>
  source.publications.some(({ what }) => what === `publication ${name}` || what === `publication ${identifier(name)}`)

/**
 * One definition that cannot be made (an extension that is not installed here) must not end the rehearsal of all others:
 * what is missing afterwards is listed.
 */
function tolerant({ sql, otherwise = [] }: DdlStatement & { readonly otherwise?: readonly string[] }): string {
  const pieces = otherwise.map((piece) => `begin ${execute(piece)} exception when others then null; end;`)
  return `do $antemortem$ begin ${execute(sql)}
    exception when others then raise warning '%', sqlerrm; ${pieces.join(' ')} end $antemortem$`
}

const execute = (sql: string): string => {
  const tag = sql.includes('$definition$') ? '$antemortem_definition$' : '$definition$'
  return `execute ${tag}${sql}${tag};`
}

/** On every node, as the first of them has each; their passwords are the copy's own. */
function rolesOf(all: readonly Ddl[]): readonly BlueprintRole[] {
  const first = new Map<string, string>()
  const groups = new Map<string, Set<string>>()
  for (const { name, attributes, memberOf } of all.flatMap(({ roles }) => roles)) {
    first.set(name, first.get(name) ?? attributes)
    groups.set(name, new Set([...(groups.get(name) ?? []), ...memberOf]))
  }
  first.delete('postgres')
  return [...first]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, attributes]) => ({
      name,
      attributes,
      after: [...(groups.get(name) ?? [])].sort().map((group) => `grant ${identifier(group)} to ${identifier(name)}`),
    }))
}

/** Where a node has a role otherwise than the primary. */
const ownRoles = (ddl: Ddl | undefined, source: Ddl): readonly DdlStatement[] =>
  (ddl?.roles ?? []).flatMap(({ name, attributes }) => {
    const there = source.roles.find((role) => role.name === name)
    if (there === undefined || there.attributes === attributes || name === 'postgres') return []
    return [{ what: `role ${name}`, sql: `alter role ${identifier(name)} ${attributes}` }]
  })

const leftOutOf = (node: string, ddl: Ddl | undefined): readonly string[] =>
  (ddl?.leftOut ?? []).map(({ kind, count, names }) => {
    const more = count > names.length ? ', …' : ''
    return `${node}: ${count} ${kind}: ${names.join(', ')}${more}`
  })

/** How a subscription differs from its copy, which is enabled and whole. */
function oddities(node: string, subscription: SubscriptionDdl, source: Ddl): readonly string[] {
  const unknown = subscription.publications.filter((name) => !publishes(source, name))
  return [
    ...(subscription.enabled ? [] : [`${node}: subscription ${subscription.name} is disabled, its copy is enabled`]),
    ...(unknown.length === 0
      ? []
      : [`${node}: subscription ${subscription.name} names ${unknown.join(', ')}, which the primary does not publish`]),
  ]
}
