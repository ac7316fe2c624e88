import { mkdirSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { LogEntryFact } from '../core/facts/cluster.ts'
import type { Lab } from '../lab/lab.ts'
import { serverOwner } from '../lab/owner.ts'
import { testLab } from '../lab/testing.ts'
import { openHosts } from './host-watch.ts'

const signal = new AbortController().signal

/** The entry that an error of this session makes, by a watch of its own. */
async function entryOf(lab: Lab, log: string, application: string): Promise<LogEntryFact> {
  const { name, dataDir } = lab.node('primary')
  const watch = openHosts([{ name, host: { ssh: null, data: dataDir, log } }], { clock: Date.now, signal })
  try {
    const end = performance.now() + 10_000
    const facts = () => watch.facts(Date.now()).logs
    for (let asked = false; ; await sleep(20)) {
      const logs = facts()
      if (performance.now() > end) throw new Error(`no entry: ${JSON.stringify(logs)}`)
      if (!logs.seen || logs.value.readable.length === 0) continue
      if (!asked) {
        asked = true
        const sql = `set application_name = '${application}'; select count(*) from "no_such_table"`
        await lab.rows('primary', sql).catch(() => undefined)
      }
      const found = logs.value.entries.find(({ message }) => message.includes('no_such_table'))
      if (found) return found
    }
  } finally {
    await watch.close()
  }
}

test.each([
  '%m [%p] %e %q%u@%d/%a ',
  '%n|%u|%d|%a|%e|%p ',
  '%t:%r:%u@%d:[%p]: app=%a,code=%e ',
  'pid=%p,user=%u,db=%d,app=%a,client=%h,sqlstate=%e %s %v %x %l %c %i %b %P %Q %%',
  '%m %-12a%8p%q %u %d %e ',
])('a log whose prefix is %j is read with role, database, application and code', async (prefix) => {
  const lab = await testLab()
  lab.setConf('primary', { log_line_prefix: prefix })
  lab.reload('primary')
  const { logFile, database } = lab.node('primary')
  const startedMs = Date.now()
  const found = await entryOf(lab, logFile, 'login-7')
  expect(found).toMatchObject({ severity: 'ERROR', code: '42P01', database, application: 'login-7' })
  expect(found.role).not.toBeNull()
  // %t has whole seconds only.
  expect(found.firstMs).toBeGreaterThanOrEqual(startedMs - 1100)
})

test('with verbose errors the code comes from the message, in a zone that is not ours', async () => {
  const lab = await testLab()
  lab.setConf('primary', {
    log_line_prefix: '%m [%p] ',
    log_error_verbosity: 'verbose',
    log_timezone: 'America/Chicago',
  })
  lab.reload('primary')
  const startedMs = Date.now()
  const found = await entryOf(lab, lab.node('primary').logFile, 'login-7')
  expect(found).toMatchObject({ code: '42P01', role: null, application: null })
  expect(Math.abs(found.firstMs - startedMs)).toBeLessThan(10_000)
})

test.each([
  ['csvlog', '.csv'],
  ['stderr,csvlog,jsonlog', '.json'],
])("the collector's folder with %s is read", async (destination) => {
  const lab = await testLab()
  const folder = join(lab.dir, `collected-${destination.replaceAll(',', '-')}`)
  mkdirSync(folder)
  const owner = serverOwner()
  if (owner) chownSync(folder, owner.uid, owner.gid)
  lab.setConf('primary', { logging_collector: 'on', log_destination: destination, log_directory: folder })
  await lab.restart('primary')
  const { database } = lab.node('primary')
  expect(await entryOf(lab, folder, 'login-7')).toMatchObject({
    severity: 'ERROR',
    code: '42P01',
    database,
    application: 'login-7',
  })
})
