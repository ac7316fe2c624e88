import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Lab } from '../../src/lab/lab.ts'
import { brokenUpTo } from '../verify/sales.ts'

const program = '/usr/bin/pgbench'

/** As many as a small application has at work; on two cores they are never idle. */
const clients = 4

/** What is written, with how often of ten times: rows all over the table, a few hot ones, new ones. */
const transactions: readonly (readonly [times: number, text: string])[] = [
  [
    5,
    `\\set id random(${brokenUpTo + 1}, :rows)\nupdate sales set amount = amount + 1, active = not active where id = :id;`,
  ],
  [2, `\\set id random(${brokenUpTo + 1}, :rows)\nupdate sales set note = note || 'x' where id = :id;`],
  [2, `\\set id random(1, 20)\nupdate hot set n = n + 1, up = not up where id = :id;`],
  [
    1,
    `\\set id :rows + random(1, 1000000000)\ninsert into sales (id, status) values (:id, 'new') on conflict do nothing;`,
  ],
]

export interface Wanted {
  readonly rows: number
  readonly seconds: number
  /** For its scripts. */
  readonly dir: string
}

/** Transactions a second of writers who never wait for anything but the primary. */
export async function writtenPerSecond(lab: Lab, { rows, seconds, dir }: Wanted): Promise<number> {
  if (!existsSync(program))
    throw new Error(`${program} is missing; install it with: script/install-debian postgresql-15`)
  const scripts = transactions.map(([times, text], n) => {
    const file = join(dir, `writers-${n}.sql`)
    writeFileSync(file, `${text}\n`)
    return ['--file', `${file}@${times}`]
  })
  const { host, port, database } = lab.node('primary')
  const user = lab.blueprint.logins.app
  const { stdout } = await promisify(execFile)(
    // It ends with us, however we end.
    'setpriv',
    [
      ['--pdeathsig=KILL', program, '--no-vacuum', '--protocol', 'prepared', '--define', `rows=${rows}`],
      ['--client', String(clients), '--jobs', '1', '--time', String(seconds), ...scripts.flat()],
    ].flat(),
    {
      env: {
        PATH: process.env['PATH'],
        PGHOST: host,
        PGPORT: String(port),
        PGDATABASE: database,
        PGUSER: user,
        PGPASSWORD: lab.password(user),
      },
    },
  )
  return perSecondIn(stdout)
}

/** What pgbench reports: only runs in which every client went on to the end count. */
export function perSecondIn(report: string): number {
  const failed = Number(/^number of failed transactions: (\d+)/m.exec(report)?.[1])
  const perSecond = Number(/^tps = ([0-9.]+) \(without initial connection time\)$/m.exec(report)?.[1])
  if (failed === 0 && perSecond > 0) return perSecond
  throw new Error(`the writers did not write as they should:\n${report}`)
}
