import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { sideBySide, type SideBySide } from '../../bench/peers/side-by-side.ts'
import { rules } from '../../bench/peers/rules.ts'
import { drills } from '../../src/drills/list.generated.ts'
import { digestOf, parts, type Measured } from './parts.ts'

const root = resolve(import.meta.dirname, '../..')
const seed = 1

const alert = { name: z.string(), node: z.string(), names: z.string().nullable(), sinceMs: z.number().nullable() }
const record = z.object({
  id: z.string(),
  title: z.string(),
  cause: z.string(),
  harmMs: z.number().nullable(),
  antemortem: z.object({
    alertedMs: z.number().nullable(),
    alert: z.string().nullable(),
    namedMs: z.number().nullable(),
    cause: z.string().nullable(),
    correct: z.boolean(),
  }),
  peers: z.array(
    z.object({
      peer: z.string(),
      raised: z.array(z.object({ ...alert, afterMs: z.number() })),
      before: z.array(z.object(alert)),
    }),
  ),
})

/** The five outages one after the other. What has been measured of this code is kept until all of it has: a run goes on where it ended. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const digest = digestOf(root, parts.find(({ name }) => name === 'peers')?.speaksOf ?? [])
  const dir = join(root, '.cache', `peers-${digest}`)
  mkdirSync(dir, { recursive: true })
  const all: SideBySide[] = []
  for (const drill of drills.filter(({ kind }) => kind === 'outage')) {
    const file = join(dir, `${drill.id}.json`)
    if (!existsSync(file)) writeFileSync(file, JSON.stringify(await sideBySide(drill, seed)))
    const one = record.parse(JSON.parse(readFileSync(file, 'utf8')))
    const { antemortem, peers } = one
    progress(
      `${one.id}: antemortem ${said(antemortem.alertedMs)}, ${antemortem.cause ?? 'nothing'}; ${peers.map(firstOf).join('; ')}`,
    )
    all.push(one)
  }
  rmSync(dir, { recursive: true })
  return table(all)
}

function table(all: readonly SideBySide[]): Measured {
  const names = all[0]?.peers.map(({ peer }) => peer) ?? []
  const isFirst = ({ antemortem: { alertedMs }, peers }: SideBySide): boolean =>
    alertedMs !== null && peers.every(({ raised }) => raised.every(({ afterMs }) => afterMs >= alertedMs))
  const named = (one: SideBySide): string =>
    one.peers
      .flatMap(({ peer, raised }) => raised.filter(({ names }) => names === one.cause).map(() => peer))
      .join(', ')
  const right = all.filter(({ antemortem }) => antemortem.correct).length
  const first = all.filter(isFirst).length
  const before = new Map(
    names.map((name) => [
      name,
      new Set(
        all.flatMap(({ peers }) =>
          peers.filter(({ peer }) => peer === name).flatMap((each) => each.before.map((one) => one.name)),
        ),
      ),
    ]),
  )
  const met = right === all.length
  return {
    header: [
      'outage',
      'first failed login',
      'Antemortem: incident',
      'Antemortem: cause named',
      ...names.map((name) => `${name}: first alert, and the next`),
      'who else named the cause',
    ],
    rows: all.map((one) => [
      `${one.id}: ${one.title}`,
      said(one.harmMs),
      `${said(one.antemortem.alertedMs)}${one.antemortem.alert === null ? '' : `: ${one.antemortem.alert}`}`,
      `${said(one.antemortem.namedMs)}: ${one.antemortem.cause ?? 'nothing'}${one.antemortem.correct ? '' : ' (**wrong**)'}`,
      ...one.peers.map(firstOf),
      named(one) || 'nobody',
    ]),
    notes: [
      `Asked: Antemortem names the cause of all ${all.length}. Measured: ${right} of ${all.length}. ${met ? 'Met.' : '**Not met.**'} It alerted before all others ${first} times of ${all.length}.`,
      `Seconds since the first step of the outage, watched for 110 s after 75 s of health; all of them look at the same servers at the same time, once each, on a machine that is busy with all of them. Antemortem also reads what the others do not: the application's settings files and outcomes, logs and files of the servers.`,
      `Prometheus 2.42 and postgres_exporter 0.11.1 are Debian's, with their defaults and ${rules.length} rules of our own about what teams usually alert on (bench/peers/rules.ts); without the collector that PostgreSQL 17 broke (its failures count as rollbacks, and would have that rule alert all the time); scraped and judged every 15 s and, by another Prometheus, every second. check_postgres 2.25 is Debian's, nine actions for each server every 15 s. A cause counts as named where the words of an alert lead to it by themselves; most tell of an effect.`,
      `Already alerting while all was well, and not counted: ${[...before].map(([name, alerts]) => `${name}: ${[...alerts].join(', ') || 'nothing'}`).join('; ')}.`,
    ],
    met,
  }
}

const said = (ms: number | null): string => (ms === null ? 'nothing' : `${(ms / 1000).toFixed(1)} s`)

/** Most of what comes later comes of the same. */
function firstOf({ raised }: SideBySide['peers'][number]): string {
  const distinct = raised.filter(({ name }, n) => raised.findIndex((other) => other.name === name) === n)
  return (
    distinct
      .slice(0, 2)
      .map(({ name, node, afterMs }) => `${said(afterMs)} ${name} on ${node}`)
      .join(', ') || 'nothing'
  )
}
