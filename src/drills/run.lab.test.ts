import { afterAll, describe, expect, test } from 'vitest'
import { checks } from '../checks/list.generated.ts'
import { causes } from '../diagnosis/causes.generated.ts'
import { suspects } from '../diagnosis/suspects.generated.ts'
import type { Withheld } from './lab-cluster.ts'
import { drills } from './list.generated.ts'
import { runDrill, type DrillRun } from './run.ts'

const abort = new AbortController()
afterAll(() => abort.abort())

async function run(
  id: string,
  seed: number,
  beside: readonly (readonly Withheld[])[] = [],
): Promise<Omit<DrillRun, 'lab'>> {
  const drill = drills.find((each) => each.id === id)
  if (!drill) throw new Error(`no drill ${id}`)
  const whole = await runDrill(drill, seed, {
    catalogue: { checks, causes, suspects, thresholds: {} },
    program: 'test',
    digest: 'test',
    clock: Date.now,
    signal: abort.signal,
    onNews: () => undefined,
    beside,
  })
  await whole.lab.close()
  return whole
}

describe('outage 0 on real servers', () => {
  test('is noticed, named with its trigger, cleared of all five suspects, mended and compared', async () => {
    const { result, judgement, act } = await run('0', 20)
    expect(result.named).toMatchObject({
      cause: 'replication/publication-incomplete',
      subject: act.truth.subject,
      correct: true,
    })
    expect(result.named.trigger).not.toBeNull()
    expect(judgement.wronglyConfirmed).toEqual([])
    expect(result.suspects.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 5 }, () => 'ruled-out'))
    expect(result.suspects.every(({ measured }) => typeof measured === 'number')).toBe(true)
    expect(result.recovered?.verified).toBe(true)
  })
})

describe('an outage whose damage a plan mends', () => {
  test.each([
    ['1', 'delete it'],
    ['3', 'the damaged table is kept as'],
  ])(
    '%s: the harm ends, and every row of all nodes is compared',
    async (id, how) => {
      const { result } = await run(id, 21)
      expect(result.named.correct).toBe(true)
      expect(result.recovered?.how.toLowerCase()).toContain(how)
      expect(result.recovered?.verified).toBe(true)
    },
    180_000,
  )
})

describe('look-alikes on real servers are not named so', () => {
  // All of them with several seeds: script/measure look-alikes. Here the two that come closest.
  const closest = ['0a', '0d']
  test.each(drills.filter(({ id }) => closest.includes(id)))('$id: $title', async ({ id }) => {
    const { result, judgement } = await run(id, 12)
    expect(result.named.cause).not.toBe('replication/publication-incomplete')
    expect(judgement.wronglyConfirmed).toEqual([])
    expect(result.named.correct).toBe(true)
  })
})

describe('one outage on real servers, looked at by two watchers', () => {
  test('is named by whoever sees the settings file, and not by the other, who is not wrong', async () => {
    const { result, beside } = await run('2', 5, [['files']])
    expect(result.named).toMatchObject({ cause: 'connection/settings-changed', correct: true })
    expect(beside).toHaveLength(1)
    expect(beside[0]).toMatchObject({ incidents: 1, wronglyConfirmed: [] })
    expect(beside[0]?.verdict).not.toBe('right')
  })
})
