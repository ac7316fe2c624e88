import { drills } from '../../src/drills/list.generated.ts'
import { drillOnce } from './drilling.ts'
import type { Measured } from './parts.ts'

const seeds = [1, 2, 3, 4]
const never = 'replication/publication-incomplete'

/** Those of outage 0, by the number that their ids begin with; the others are part of `outages`. */
const ofOutage0 = /^0/

/** Each of them with several seeds: what must never be named, and what was. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const rows: string[][] = []
  let met = true
  for (const drill of drills.filter(({ id, kind }) => kind === 'look-alike' && ofOutage0.test(id))) {
    const said: string[] = []
    let correct = 0
    let wrong = 0
    for (const seed of seeds) {
      const { result, judgement } = await drillOnce(drill, seed)
      if (result.named.correct) correct += 1
      wrong += judgement.wronglyConfirmed.length
      if (result.named.cause === never || judgement.wronglyConfirmed.length > 0) met = false
      said.push(result.named.cause ?? 'nothing')
      progress(
        `${drill.id} seed ${seed}: ${result.named.cause ?? 'nothing'}${result.named.correct ? '' : ' (not the truth)'}`,
      )
    }
    rows.push([drill.id, drill.title, [...new Set(said)].join(', '), `${correct} of ${seeds.length}`, String(wrong)])
  }
  return {
    header: ['drill', 'what it is', 'named', 'as it should be', 'wrongly confirmed'],
    rows,
    notes: [`Asked: never ${never}. ${met ? 'Met.' : '**Not met.**'}`],
    met,
  }
}
