import { text } from 'node:stream/consumers'
import { beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { openStore } from '../../store/open.ts'
import { childProcess, ended, scratch } from '../../store/testing/scratch.ts'
import { applyingWorker, clusterWithContract, rehearsedWell } from './testing/applying.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

/** Each kill is a process of its own. */
const longMs = 240_000

interface Applying {
  readonly file: string
  readonly cluster: ClusterConfig
  readonly sql: string
}

const start = ({ file, cluster, sql }: Applying, point: string) =>
  childProcess(applyingWorker, file, JSON.stringify(cluster), sql, point)

const killedAt = async (point: string, applying: Applying): Promise<void> =>
  expect([point, await ended(start(applying, point))]).toEqual([point, 'SIGKILL'])

const reportShape = z.object({
  stage: z.string(),
  verdict: z.string(),
  undeclared: z.array(z.unknown()),
  notes: z.array(z.string()),
})

async function finished(applying: Applying) {
  const child = start(applying, 'nowhere')
  const [out] = await Promise.all([text(child.stdout), ended(child)])
  return reportShape.parse(JSON.parse(out.trim().split('\n').at(-1) ?? ''))
}

async function openPlans(file: string): Promise<readonly unknown[]> {
  const store = await openStore(`sqlite:${file}`, { clock: Date.now })
  try {
    return await store.plans({ open: true })
  } finally {
    await store.close()
  }
}

const columns = async (node: string): Promise<readonly string[]> =>
  (
    await lab.rows(
      node,
      `select attname from pg_attribute where attrelid = 'users'::regclass and attnum > 0 and not attisdropped`,
    )
  ).map((row) => String(row['attname']))

/** Two transactions on two nodes, an index beside the writers, and one more transaction. */
const changeOf = (column: string): string => `-- antemortem:on reports, primary
alter table users add column ${column} text;
-- antemortem:on primary
create index concurrently ${column}_idx on users (${column});
alter table users alter ${column} set default 'x';`

/** Where a step can be cut off: those that act keep the number of their transaction once it has begun. */
const pointsOf = (step: string, acts: boolean): readonly string[] =>
  ['after begun', ...(acts ? ['inside'] : []), 'before done'].map((when) => `${when} ${step}`)

test(
  'killed at every point of every step, the same command goes on, and every statement is done once',
  async () => {
    using at = scratch()
    const applying = { file: at.file, cluster: clusterWithContract(lab, at.dir), sql: changeOf('phone') }
    await rehearsedWell(at.file, applying.cluster, applying.sql)
    for (const n of [1, 2, 3, 4, 5, 6])
      for (const point of pointsOf(String(n), n > 1 && n < 6)) await killedAt(point, applying)
    expect(await finished(applying)).toMatchObject({ stage: 'verify', verdict: 'pass', undeclared: [] })
    expect(await openPlans(at.file)).toEqual([])
    expect(await columns('primary')).toContain('phone')
    expect(await columns('reports')).toContain('phone')
    const index = `select indisvalid as valid from pg_index where indexrelid = 'phone_idx'::regclass`
    expect(await lab.rows('primary', index)).toEqual([{ valid: true }])
  },
  longMs,
)

test(
  'killed at every point of its way back, what failed its tests is taken back to the end',
  async () => {
    using at = scratch()
    const sql = `-- antemortem:on reports, primary
alter table users add column pin text;
-- antemortem:on primary
alter table users rename column password_hash to pw;`
    const applying = { file: at.file, cluster: clusterWithContract(lab, at.dir), sql }
    await rehearsedWell(at.file, applying.cluster, sql)
    const before = [await columns('primary'), await columns('reports')]
    await killedAt('after failed 5', applying)
    for (const n of [4, 3, 2]) for (const point of pointsOf(`back ${n}`, true)) await killedAt(point, applying)
    expect(await finished(applying)).toMatchObject({ stage: 'rolled-back', verdict: 'block', undeclared: [] })
    expect(await openPlans(at.file)).toEqual([])
    expect([await columns('primary'), await columns('reports')]).toEqual(before)
  },
  longMs,
)

test('what another change has left half done is told before anything else is begun', async () => {
  using at = scratch()
  const cluster = clusterWithContract(lab, at.dir)
  const one = { file: at.file, cluster, sql: changeOf('half_done') }
  await rehearsedWell(at.file, cluster, one.sql)
  await killedAt('before done 2', one)
  const other = start({ ...one, sql: changeOf('another') }, 'nowhere')
  expect(await ended(other)).not.toBe(0)
  expect(await openPlans(at.file)).toHaveLength(1)
  expect(await columns('primary')).not.toContain('another')
  expect(await finished(one)).toMatchObject({ stage: 'verify' })
})
