import outage from '../../src/drills/outages/0-auth-schema-update.ts'
import { percentile } from '../../src/drills/percentile.ts'
import { drillOnce } from './drilling.ts'
import type { Measured } from './parts.ts'

const runs = 20

/** Outage 0 with seeds 1 to 20: other names, ports, reading nodes and harmless changes each time. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const rows: string[][] = []
  const noticed: number[] = []
  const namedAfterHarm: number[] = []
  const named: number[] = []
  const mended: number[] = []
  let right = 0
  let wrong = 0
  for (let seed = 1; seed <= runs; seed += 1) {
    const { result, judgement, scene } = await drillOnce(outage, seed)
    const { ms } = result.named
    const afterHarm =
      ms === null || judgement.harmMs === null || judgement.namedMs === null
        ? null
        : judgement.namedMs - judgement.harmMs
    if (result.named.correct) right += 1
    wrong += judgement.wronglyConfirmed.length
    if (result.noticed.ms !== null) noticed.push(result.noticed.ms)
    if (ms !== null) named.push(ms)
    if (afterHarm !== null) namedAfterHarm.push(afterHarm)
    if (result.recovered?.verified === true) mended.push(result.recovered.ms)
    progress(
      `seed ${seed}: ${result.named.cause ?? 'nothing'} named after ${ms ?? '–'} ms, ${result.named.correct ? 'right' : 'WRONG'}`,
    )
    rows.push([
      String(seed),
      scene.reads.join(', '),
      String(scene.noise.length),
      result.named.correct ? 'right' : `**wrong**: ${result.named.cause ?? 'nothing'}`,
      text(result.noticed.ms),
      text(afterHarm),
      text(ms),
      result.recovered?.verified === true ? text(result.recovered.ms) : '**no**',
    ])
  }
  const p95 = [noticed, namedAfterHarm, named, mended].map((values) => text(percentile(values, 0.95)))
  rows.push(['p95', '', '', `${right} of ${runs}, wrongly confirmed ${wrong}`, ...p95])
  const met =
    right === runs &&
    wrong === 0 &&
    mended.length === runs &&
    percentile(noticed, 0.95) <= 2000 &&
    percentile(namedAfterHarm, 0.95) <= 3000
  return {
    header: [
      'seed',
      'nodes that serve reads',
      'harmless changes before',
      'named',
      'noticed, ms after the first failed login',
      'named, ms after the first failed login',
      'named, ms after the migration began',
      'mended and compared, ms',
    ],
    rows,
    notes: [
      `Asked: right ${runs} of ${runs}, wrongly confirmed 0, noticed within 2000 ms and named within 3000 ms of the first failed login (p95). ${met ? 'Met.' : '**Not met.**'}`,
      'The release that reads from the new table follows the migration by one second: the third figure includes it. A figure of 0 was noticed before the first login failed.',
    ],
    met,
  }
}

const text = (ms: number | null): string => (ms === null || Number.isNaN(ms) ? '–' : String(Math.round(ms)))
