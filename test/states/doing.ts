import { setTimeout as sleep } from 'node:timers/promises'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { As, Lab } from '../../src/lab/lab.ts'
import { waitUntil } from '../../src/lab/wait.ts'
import type { Session } from '../../src/lab/sql.ts'
import type { Doing } from './state.ts'

export const newUser = (id: number): string =>
  `insert into users (id, name, password_hash) values (${id}, 'new ${id}', 'x')`

/** A session that stays until the state is over. */
export async function session(
  { lab, ends }: Doing,
  node: string,
  application: string,
  as: As = 'app',
): Promise<Session> {
  const opened = await lab.session(node, application, as)
  // Its server may have ended it by then.
  ends.defer(async () => opened[Symbol.asyncDispose]().catch(() => undefined))
  return opened
}

/** A statement that waits for something for as long as the state lasts; how it ends is nobody's concern. */
export async function waiting(doing: Doing, node: string, application: string, sql: string): Promise<void> {
  const opened = await session(doing, node, application)
  await opened.rows('set lock_timeout = 0; set statement_timeout = 0')
  opened.rows(sql).catch(() => undefined)
}

/** Work without a pause until the state is over. */
export async function work(doing: Doing, node: string, application: string, sql: string): Promise<void> {
  const opened = await session(doing, node, application)
  const over = new AbortController()
  doing.ends.defer(() => over.abort())
  const loop = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await opened.rows(sql)
      await sleep(5)
    }
  }
  loop().catch(() => undefined)
}

export const reloadWith = async (lab: Lab, node: string, settings: Readonly<Record<string, string>>): Promise<void> => {
  lab.setConf(node, settings)
  lab.reload(node)
  await Promise.resolve()
}

/** Transactions are told from ten seconds on. */
export const isLong = ({ nodes }: Snapshot, application: string): boolean =>
  nodes.some(
    ({ facts: { activity } }) => activity.seen && activity.value.long.some((one) => one.application === application),
  )

/** What only the slow look reads comes with the next change of a catalog: the minute until it comes by itself is saved. */
export async function describedAnew(lab: Lab, ...nodes: readonly string[]): Promise<void> {
  for (const node of nodes) {
    await lab.rows(node, 'alter table users set (fillfactor = 99)')
    await lab.rows(node, 'alter table users reset (fillfactor)')
  }
}

/** So long ago that a change of now is told from it: clocks of two machines are compared no better. */
export const configurationSettled = async (lab: Lab, node: string): Promise<void> =>
  waitUntil('its configuration to be old', async () => {
    const [row] = await lab.rows(node, "select pg_conf_load_time() < now() - interval '3 s' as old")
    return row?.['old'] === true
  })
