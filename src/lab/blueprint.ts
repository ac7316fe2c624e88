import { createHash } from 'node:crypto'
import { AntemortemError } from '../core/error.ts'
import { canonicalJson } from '../core/json.ts'
import type { NodeRole } from '../core/snapshot.ts'

/** A subscription of a subscriber to the primary's publications, with its slot there. */
export interface BlueprintSubscription {
  readonly name: string
  readonly publications: readonly string[]
  readonly slot: string
  /** The slot follows a fail-over (PostgreSQL 17 and later; older servers leave it out). */
  readonly failover: boolean
  /** A role without superuser's rights, whose privileges its workers have (PostgreSQL 16 and later); absent: the superuser. */
  readonly owner?: string
  /** Further options of `create subscription`, as SQL spells them: `{ streaming: 'off' }`. */
  readonly options?: Readonly<Record<string, string>>
}

export interface BlueprintNode {
  readonly name: string
  readonly role: NodeRole
  /** A free one, where it is left out. */
  readonly port?: number
  /** Server settings as postgresql.conf spells them, without quotes. */
  readonly settings?: Readonly<Record<string, string>>
  /** Of a standby: its physical slot on the primary. */
  readonly slot?: string
  /** Of the primary and of a subscriber: DDL in order, before the data and the subscriptions. */
  readonly schema?: readonly string[]
  /** Of a subscriber. */
  readonly subscriptions?: readonly BlueprintSubscription[]
}

export interface BlueprintRole {
  readonly name: string
  /** As `create role` spells them: `login replication`. */
  readonly attributes: string
  /** Without one a role that may log in gets a random one, the same on every node. */
  readonly password?: string
  /** SQL after the role exists: memberships, settings. */
  readonly after?: readonly string[]
}

/** Whose password `url()` gives: by purpose, because the names belong to the blueprint. */
export interface BlueprintLogins {
  /** The superuser; always `postgres`, as initdb makes it. */
  readonly admin: 'postgres'
  readonly watch: string
  readonly app: string
  /** Standbys and subscriptions connect as this one. */
  readonly replication: string
}

/** A topology as plain data: one primary, its physical standbys and its logical subscribers. */
export interface Blueprint {
  readonly name: string
  readonly database: string
  readonly nodes: readonly BlueprintNode[]
  readonly roles: readonly BlueprintRole[]
  readonly logins: BlueprintLogins
  /** SQL on the primary before the publications and subscriptions: the initial copy carries it. */
  readonly data: readonly string[]
  /** `create publication …`, on the primary. */
  readonly publications: readonly string[]
  readonly logLinePrefix?: string
}

/** A folder, beside the lab's own files. */
const nodeName = /^(?!.*\.(?:log|json|new|files)$)[A-Za-z0-9][A-Za-z0-9_.-]{0,50}$/

const refuse = (blueprint: Blueprint, why: string): never => {
  throw new AntemortemError(
    'blueprint-invalid',
    `topology ${blueprint.name} cannot be built: ${why}`,
    'Correct the topology.',
  )
}

/** Refuses what no server would tell in plain words. */
export function checkBlueprint(blueprint: Blueprint): void {
  const names = blueprint.nodes.map((node) => node.name)
  if (blueprint.nodes.filter((node) => node.role === 'primary').length !== 1)
    refuse(blueprint, 'it needs exactly one primary')
  if (new Set(names).size !== names.length) refuse(blueprint, 'two nodes have the same name')
  const odd = names.find((name) => !nodeName.test(name))
  if (odd !== undefined) refuse(blueprint, `"${odd}" is no name for a node`)
  for (const login of [blueprint.logins.watch, blueprint.logins.app, blueprint.logins.replication])
    if (login !== 'postgres' && !blueprint.roles.some((role) => role.name === login))
      refuse(blueprint, `role ${login} is not among its roles`)
  for (const node of blueprint.nodes) {
    if (node.role === 'standby' && node.slot === undefined) refuse(blueprint, `standby ${node.name} has no slot`)
    if (node.role !== 'subscriber' && node.subscriptions !== undefined)
      refuse(blueprint, `${node.name} is no subscriber and has subscriptions`)
    if (node.role === 'standby' && node.schema !== undefined) refuse(blueprint, `standby ${node.name} has a schema`)
  }
}

/**
 * What a template depends on. Names and ports of nodes stay out, so that a drill with other names needs no new template:
 * they are written into a lab when it starts.
 */
export function blueprintKey(blueprint: Blueprint, ...more: readonly string[]): string {
  const content = {
    ...blueprint,
    name: '',
    nodes: blueprint.nodes.map((node) => ({ ...node, name: '', port: 0 })),
  }
  return createHash('sha256')
    .update(canonicalJson([content, ...more]))
    .digest('hex')
    .slice(0, 24)
}
