import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { Plan } from '../../core/plan.ts'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { openStore } from '../../store/open.ts'
import { childProcess, ended, scratch } from '../../store/testing/scratch.ts'
import type { ChangeText } from '../change/read-change.ts'
import { gateDoersOf } from './doers.ts'
import { GateRecords } from './kept.ts'
import {
  applyingWorker,
  clusterWithContract,
  digest,
  ownTable,
  rehearsedWell,
  withOwnTable,
} from './testing/applying.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

/** Each kill is a process of its own. */
const longMs = 400_000

interface Applying {
  readonly dir: string
  readonly cluster: ClusterConfig
  readonly files: readonly ChangeText[]
}

const start = ({ dir, cluster, files }: Applying, point: string) =>
  childProcess(applyingWorker, dir, JSON.stringify(cluster), JSON.stringify(files), point)

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

async function plansIn({ dir }: Applying, open = false): Promise<readonly Plan[]> {
  const store = await openStore(`sqlite:${join(dir, 'a.db')}`, { clock: Date.now })
  try {
    return await store.plans(open ? { open } : undefined)
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

/** What a change can touch here, as it is. */
const whole = async () => ({
  columns: [await columns('primary'), await columns('reports')],
  index: await lab.rows(
    'primary',
    `select indisvalid as valid from pg_index where indexrelid = to_regclass('phone_idx')`,
  ),
  settings: await lab.rows(
    'primary',
    `select name, setting from pg_file_settings where name ~ '^(work_mem|log_lock_waits)$'`,
  ),
  connection: await lab.rows('reports', 'select subconninfo from pg_subscription'),
  conf: readFileSync(join(lab.node('primary').dataDir, 'postgresql.conf'), 'utf8'),
})

/** One step of every kind: two transactions on two nodes, what refuses one, settings by SQL and by file, a connection; the last one breaks a contract. */
const everyKind = (): readonly ChangeText[] => [
  {
    name: 'a.sql',
    text: `-- antemortem:on reports, primary
alter table users add column phone text;
-- antemortem:on primary
create index concurrently phone_idx on users (phone);
alter system set work_mem = '8MB';
-- antemortem:on reports
alter subscription reports_sub connection 'host=127.0.0.1 port=${lab.node('primary').port} dbname=auth user=replicator password=${lab.password('replicator')} connect_timeout=9';`,
  },
  { name: 'b.conf', text: 'log_lock_waits = off\n' },
  { name: 'c.sql', text: 'alter table users rename column password_hash to pw' },
]

/** Those that act in a transaction or a session of theirs keep its number once it has begun. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  'gate-transaction': ['inside'],
  'gate-statement': ['inside'],
  'gate-transaction-back': ['inside'],
}

interface Numbered {
  readonly n: number
  readonly kind: string
}

/** When it is journalled as begun, and when it is done and nobody has written it down; each kind once. */
const pointsOf = (steps: readonly Numbered[], back: string): readonly string[] =>
  steps
    .filter(({ kind }, at) => steps.findIndex((step) => step.kind === kind) === at)
    .flatMap(({ n, kind }) =>
      ['after begun', ...(kinds[kind] ?? []), kind === 'gate-test' ? 'after failed' : 'before done'].map(
        (when) => `${when} ${back}${n}`,
      ),
    )

test(
  'killed at every moment of a step of every kind, the same command goes on, and takes all of it back in the end',
  async () => {
    using at = scratch()
    await lab.rows('primary', ownTable)
    const files = everyKind()
    const applying = { dir: at.dir, cluster: withOwnTable(clusterWithContract(lab, at.dir)), files }
    await rehearsedWell(at.file, applying.cluster, files)
    const before = await whole()

    await killedAt('before begun 1', applying)
    const [plan] = await plansIn(applying)
    const steps = plan?.steps ?? []
    for (const point of pointsOf(steps, '')) await killedAt(point, applying)
    const applied = await whole()
    expect(applied.columns.map((names) => names.filter((name) => name === 'phone'))).toEqual([['phone'], ['phone']])
    expect(applied.index).toEqual([{ valid: true }])
    expect(applied.settings).toEqual([
      { name: 'log_lock_waits', setting: 'off' },
      { name: 'work_mem', setting: '8MB' },
    ])
    expect(applied.conf).toBe(`${before.conf}log_lock_waits = off\n`)

    const back = steps.toReversed().flatMap(({ n, undo }) => ('step' in undo ? [{ n, kind: undo.step.kind }] : []))
    await killedAt(`before begun back ${back[0]?.n}`, applying)
    for (const point of pointsOf(back, 'back ')) await killedAt(point, applying)
    expect(await finished(applying)).toMatchObject({
      stage: 'rolled-back',
      verdict: 'block',
      undeclared: [],
      notes: [expect.stringContaining('showed on standby')],
    })
    expect(await plansIn(applying, true)).toEqual([])
    expect(await whole()).toEqual(before)

    const store = await openStore('sqlite::memory:', { clock: Date.now })
    const records = new GateRecords(store, Date.now)
    const doers = gateDoersOf({ cluster: applying.cluster, records, digest, keepFile: (name) => name, change: null })
    await store.close()
    expect(new Set([...steps, ...back].map(({ kind }) => kind))).toEqual(new Set(doers.map(({ kind }) => kind)))
  },
  longMs,
)

test('what another change has left half done is told before anything else is begun', async () => {
  using at = scratch()
  const cluster = clusterWithContract(lab, at.dir)
  const changeOf = (column: string): readonly ChangeText[] => [
    { name: 'm.sql', text: `-- antemortem:on reports, primary\nalter table users add column ${column} text;` },
  ]
  const one = { dir: at.dir, cluster, files: changeOf('half_done') }
  await rehearsedWell(at.file, cluster, one.files)
  await killedAt('before done 2', one)
  const other = start({ ...one, files: changeOf('another') }, 'nowhere')
  expect(await ended(other)).not.toBe(0)
  expect(await plansIn(one, true)).toHaveLength(1)
  expect(await columns('primary')).not.toContain('another')
  await killedAt('before done 4', one)
  expect(await finished(one)).toMatchObject({ stage: 'verify', verdict: 'pass', undeclared: [] })
  expect(await plansIn(one, true)).toEqual([])
})
