import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSession, readAddress } from '../../engines/postgres/index.ts'
import { identifySystem } from '../../engines/postgres/logins/identify-system.ts'
import { waitUntil } from '../../lab/wait.ts'
import { by, lab, type Break } from './scene.ts'

/** As the standby has it, in its own file. */
export const standbyLogin = (password = lab.password('replicator')): string =>
  `host=127.0.0.1 port=${lab.node('primary').port} user=replicator password=${password}`

const limits = { signal: AbortSignal.timeout(600_000), deadlineMs: 5_000, applicationName: 'holder' }

const isLetIn = async (): Promise<boolean> =>
  (await identifySystem(readAddress(standbyLogin(), {}), 'physical', limits)).ok

/** The line for replication is gone; what streams goes on. */
export async function withoutReplicationLine(mend: AsyncDisposableStack): Promise<void> {
  const path = join(lab.node('primary').dataDir, 'pg_hba.conf')
  const before = readFileSync(path, 'utf8')
  mend.defer(async () => {
    writeFileSync(path, before)
    lab.reload('primary')
    await waitUntil('a standby is let in again', isLetIn)
  })
  writeFileSync(path, before.replace(/^host +replication .*$/m, ''))
  lab.reload('primary')
  await waitUntil('the rule counts', async () => !(await isLetIn()))
}

/** Holds walsenders until so many are left. */
const leaving =
  (left: number): Break =>
  async (mend) => {
    const free = `select current_setting('max_wal_senders')::int - count(*)::int as n from pg_stat_get_wal_senders()`
    const [row] = await lab.rows('primary', free)
    for (let n = Number(row?.['n']); n > left; n -= 1) {
      const opened = await openSession(readAddress(standbyLogin(), {}), { ...limits, replication: 'true' })
      if (!opened.ok) throw new Error(opened.failure.message)
      mend.defer(async () => opened.session.close())
    }
    return { conf: standbyLogin() }
  }

/** Of a standby's own login. */
export const breakReplication = {
  'replication-access': async (mend) => {
    await withoutReplicationLine(mend)
    return { conf: standbyLogin() }
  },
  'replication-attribute': async (mend) =>
    by('alter role replicator noreplication', 'alter role replicator replication', { conf: standbyLogin() })(mend),
  'replication-password': () => ({ conf: standbyLogin('wrong') }),
  'replication-full': leaving(0),
  'replication-last': leaving(1),
} satisfies Readonly<Record<string, Break>>
