import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../src/lab/lab.ts'
import { waitForSyncedSlots } from '../../src/lab/replication-waits.ts'
import { upstreamConninfo } from '../../src/lab/replication.ts'
import { identifier, literal } from '../../src/lab/sql.ts'
import { waitUntil } from '../../src/lab/wait.ts'
import { feedSlot } from './feed.ts'
import type { Ground } from './operations.ts'
import type { Stage } from './stage.ts'

/** With the other node as primary: what is wrong after a switchover shows by then. */
const holdMs = 15_000

export const restartOf = async ({ lab, names }: Stage, role: 'primary' | 'standby' | 'subscriber'): Promise<void> =>
  lab.restart(names[role])

/** What each of the two needs for the other's role: before anybody watches, as a team sets it up once. */
export function prepareSwitchover({ lab, names }: Stage): void {
  lab.setConf(names.primary, { sync_replication_slots: 'on', hot_standby_feedback: 'on' })
  lab.setConf(names.standby, { synchronized_standby_slots: names.standbySlot })
  for (const name of [names.primary, names.standby]) lab.reload(name)
}

export async function switchOverAndBack(ground: Ground): Promise<void> {
  const { primary, standby } = ground.names
  await switchOver(ground, primary, standby)
  await sleep(holdMs)
  await switchOver(ground, standby, primary)
}

/** The primary stops in good order, so that the standby has all of it; then everybody is told, and the old primary follows. */
async function switchOver(ground: Ground, from: string, to: string): Promise<void> {
  const { lab, app, names, feed } = ground
  await slotsAreSynced(ground, from, to)
  await lab.stop(from, 'fast')
  await lab.rows(to, 'select pg_promote(true, 30)')
  await lab.rows(to, 'select pg_create_physical_replication_slot($1, true)', [names.standbySlot])
  await Promise.all(app.instances.map(async (instance) => app.setEnv(instance, { DB_PORT: String(lab.node(to).port) })))
  await lab.rows(
    names.subscriber,
    `alter subscription ${identifier(names.subscription)} connection ${literal(conninfoOf(lab, names, to))}`,
  )
  feed.moveTo(to)
  lab.follow(from, to, names.standbySlot)
  await lab.start(from)
  // Slots of its time as a primary would keep its WAL for ever, and stand in the way of those that are copied to it.
  await lab.rows(from, 'select pg_drop_replication_slot(slot_name) from pg_replication_slots where not synced')
  await waitUntil('the old primary to follow the new one', async () => {
    const [row] = await lab.rows(
      from,
      `select count(*) as streams from pg_stat_wal_receiver where status = 'streaming'`,
    )
    return Number(row?.['streams']) === 1
  })
}

/** A slot that is not there yet would be lost, and its consumer with it. */
async function slotsAreSynced({ lab, names }: Stage, from: string, to: string): Promise<void> {
  await using primary = await lab.session(from, 'switchover')
  await using standby = await lab.session(to, 'switchover')
  await waitForSyncedSlots(primary, standby, [names.slot, feedSlot])
}

const conninfoOf = (lab: Lab, names: Stage['names'], node: string): string =>
  upstreamConninfo({
    port: lab.node(node).port,
    user: names.replication,
    password: lab.password(names.replication),
    database: names.database,
  })
