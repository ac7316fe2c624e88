import { randomBytes } from 'node:crypto'
import { ConnectionSettings } from '../../contracts/connection-settings.ts'
import { namesOf } from '../../contracts/examine/examine.ts'
import { lookAround } from '../../contracts/examine/own-session.ts'
import type { ProbeResult } from '../../contracts/probe.ts'
import { probe } from '../../contracts/probe.ts'
import type { TableRights } from '../../engines/postgres/ddl/table-rights.ts'
import { readTableRights } from '../../engines/postgres/ddl/table-rights.ts'
import { readAddress } from '../../engines/postgres/index.ts'
import type { ContractLogin } from '../copy/contract-logins.ts'
import type { LoginTry } from '../logins.ts'
import type { Stage } from './stage.ts'
import { linkOf } from './stage.ts'

const limits = {
  connectMs: { default: 5000, unit: 'ms', why: 'on loopback; a server that is slower than that is in trouble' },
  queryMs: { default: 5000, unit: 'ms', why: 'a canary over a few made-up rows' },
} as const

/** Every login with a new connection and its canary, as its application makes it: a session that is open already hides what has changed. */
export async function tryLogins(stage: Stage, logins: readonly ContractLogin[]): Promise<readonly LoginTry[]> {
  const rights = new Map<string, readonly TableRights[]>()
  for (const node of new Set(logins.map(({ target }) => target.node)))
    rights.set(node, await rightsOn(stage, node, logins))
  const tries: LoginTry[] = []
  // One after the other: a limit of sessions is judged by counting, not by accident.
  for (const login of logins) tries.push(await tryLogin(stage, login, rights.get(login.target.node) ?? []))
  return tries
}

async function rightsOn(stage: Stage, node: string, logins: readonly ContractLogin[]): Promise<readonly TableRights[]> {
  const reached = await linkOf(stage, node).reach(stage.signal)
  const roles = [
    ...new Set(logins.filter(({ target }) => target.node === node).map(({ target }) => target.settings.user)),
  ]
  return reached.ok ? readTableRights(reached.reader, roles, { signal: stage.signal, deadlineMs: 10_000 }) : []
}

async function tryLogin(
  stage: Stage,
  { target, contract }: ContractLogin,
  rights: readonly TableRights[],
): Promise<LoginTry> {
  const { settings, node, instance, mustWrite } = target
  const address = readAddress(stage.lab.url(node, { role: settings.user }))
  const pool = { ...settings.pool, connectTimeoutMs: limits.connectMs.default, queryTimeoutMs: limits.queryMs.default }
  const there = new ConnectionSettings(address, pool, settings.source)
  const { fact, remedy } = await probe(
    { ...target, settings: there },
    {
      signal: stage.signal,
      canary: contract.canary,
      // How long it takes says something of this machine alone.
      withinMs: Infinity,
      key: randomBytes(16),
      from: 'the copy',
    },
  )
  const { isReplication } = settings.source
  const around = fact.ok && !isReplication ? await lookAround(there, namesOf(contract), stage.signal) : null
  return {
    contract: contract.name,
    instance,
    node,
    role: settings.user,
    database: settings.database,
    mustWrite,
    // A walsender has a place of its own.
    poolMax: isReplication ? 0 : (settings.pool.poolMax ?? 1),
    withinMs: contract.withinMs,
    failure: failureOf(fact, remedy),
    rights: rights.filter(({ role }) => role === settings.user),
    tables: around?.ok ? around.view.tables : [],
  }
}

function failureOf({ ok, layer, code, message }: ProbeResult['fact'], remedy: string | null): LoginTry['failure'] {
  if (ok) return null
  const words = (message ?? 'no answer').replace(/^127\.0\.0\.1:\d+\/[^:]*: /, '')
  return { layer, code, message: words, remedy: remedy ?? '' }
}
