import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { startProgram } from '../../bench/program.ts'
import { drillResultShape } from '../../src/shapes/drill.ts'
import type { Measured } from './parts.ts'

const seeds = [0, 1, 2, 3, 4] as const
const drawn = '11..12'
const reportShape = z.object({ drills: z.array(drillResultShape) })

type Result = z.output<typeof drillResultShape>

/** The change that set each of the five outages off: once as it was made, past the gate, and once through it. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const results: Result[] = []
  for (const id of seeds) {
    for (const result of await runDrill(String(id))) {
      results.push(result)
      progress(
        `${result.id}, seed ${result.seed}: outage ${hadOutage(result) ? 'yes' : 'NO'}, prevented ${result.prevented?.by ?? 'NO'}`,
      )
    }
  }
  const right = results.filter(isRight)
  return {
    header: ['drill', 'seed', 'past the gate', 'through the gate', 'ms', 'the same change done right'],
    rows: results.map((result) => [
      `${result.id}: ${result.title}`,
      String(result.seed),
      hadOutage(result)
        ? `outage: ${((result.harm?.share ?? 0) * 100).toFixed(0)} % of the operations failed, ${result.named.cause ?? 'no cause named'}`
        : '**no outage**',
      (result.gate ?? [])
        .map(
          ({ by, verdict, rule, stopped }) =>
            `${by}: ${stopped ? `refused, ${rule}` : `**${verdict ?? 'did not answer'}**`}`,
        )
        .join('; '),
      (result.gate ?? []).map(({ ms }) => ms.toFixed(0)).join('; '),
      result.corrected ?? '**not tried**',
    ]),
    notes: [
      `Asked: every one refused by the rule, object and node that the drill names beforehand; the same change past the gate is the outage; done right it is not refused. ${right.length === results.length ? 'Met.' : '**Not met.**'}`,
    ],
    met: right.length === results.length,
  }
}

const hadOutage = ({ harm }: Result): boolean => harm?.happened === true

const isRight = (result: Result): boolean =>
  hadOutage(result) &&
  result.prevented !== undefined &&
  (result.gate ?? []).every(({ stopped }) => stopped) &&
  result.corrected !== undefined &&
  result.corrected !== 'block'

async function runDrill(id: string): Promise<readonly Result[]> {
  const dir = mkdtempSync(join(tmpdir(), 'antemortem-gate-drills-'))
  try {
    const { out, err, code } = await startProgram({ dir, env: {} }, [
      'drill',
      'run',
      id,
      '--seed',
      drawn,
      '--format',
      'json',
    ]).ended
    const read = reportShape.safeParse(JSON.parse(out === '' ? 'null' : out))
    if (!read.success) throw new Error(`drill run ${id} ended with ${code}: ${err.slice(-2000)}`)
    return read.data.drills
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
