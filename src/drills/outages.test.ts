import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { confLines } from '../lab/conf.ts'
import { drills } from './list.generated.ts'
import { random } from './random.ts'
import { drawScene, type Act, type Drill, type Scene } from './scene.ts'

const seeds = Array.from({ length: 40 }, (_, n) => n + 1)

const drawn = (drill: Drill, seed: number): { scene: Scene; act: Act } => {
  const draw = random(seed)
  const scene = drawScene(draw, drill)
  return { scene, act: drill.act(scene, draw) }
}

test('the five outages and every scenario that was measured have a drill', () => {
  const ids = new Set(drills.map(({ id }) => id))
  const scenarios = `0 s0b 1 s1b s1c 2 s2db s2user s2ro s2ssl s2pool 3 s3b 4 s4b d1 d2 d3 d4 d5 d6 d7 d8 d9 d10 d11`
  expect(scenarios.split(' ').filter((id) => !ids.has(id))).toEqual([])
  expect(drills.filter(({ kind }) => kind === 'outage').map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4'])
})

test('every drill is on its page', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/drills.md'), 'utf8')
  expect(drills.filter(({ id }) => !page.includes(`| \`${id}\` |`)).map(({ id }) => id)).toEqual([])
})

test.each(drills)('$id: the same seed draws the same', (drill) => {
  expect(drawn(drill, 5)).toEqual(drawn(drill, 5))
})

test.each(drills)('$id: its steps fit the lab that is drawn, whatever the seed', (drill) => {
  for (const seed of seeds) {
    const { scene, act } = drawn(drill, seed)
    const { primary, standby, subscriber } = scene.names
    const steps = [...(act.setup ?? []), ...scene.noise, ...act.trigger]
    const nodes = steps.flatMap((step) => ('node' in step ? [step.node] : []))
    expect(nodes.filter((node) => ![primary, standby, subscriber].includes(node))).toEqual([])
    expect(act.proxies ?? false).toBe(steps.some((step) => step.do === 'proxy'))
    for (const role of drill.serving ?? []) expect(scene.reads).toContain(scene.names[role])
    const waitMs = act.trigger.reduce((sum, step) => sum + (step.do === 'wait' ? step.ms : 0), 0)
    expect(waitMs).toBeLessThanOrEqual(3_000)
  }
})

test.each(drills)('$id: its truth says what must be named, and what must be suffered', (drill) => {
  for (const seed of seeds) {
    const { truth } = drawn(drill, seed).act
    const isWell = truth.cause === 'healthy'
    expect(truth.symptom.max !== undefined).toBe(isWell)
    expect(truth.symptom.min !== undefined).toBe(!isWell)
    expect(truth.cause).toMatch(/^(?:healthy|[a-z]+\/[a-z-]+)$/)
  }
})

test('another seed draws other names, other noise and another instance', () => {
  const two = drills.find(({ id }) => id === '2')
  if (two === undefined) throw new Error('there is no drill 2')
  const all = seeds.map((seed) => drawn(two, seed))
  expect(new Set(all.map(({ scene }) => scene.names.primary)).size).toBeGreaterThan(2)
  expect(new Set(all.map(({ scene }) => scene.noise.length)).size).toBeGreaterThan(3)
  expect(new Set(all.map(({ scene }) => scene.decoy)).size).toBe(4)
  expect(new Set(all.map(({ act }) => act.truth.subject)).size).toBe(3)
})

const outages = drills.filter(({ kind }) => kind === 'outage')

/** The statements, lines and keys of what the gate is given, and of what the trigger does. */
function partsOf({ change, trigger }: Act): { readonly given: readonly string[]; readonly done: readonly string[] } {
  const lines = (text: string): readonly string[] =>
    text.split(/;?\n/).filter((line) => line !== '' && !line.startsWith('--'))
  const done = trigger.flatMap((step): readonly string[] => {
    if (step.do === 'sql') return [step.text]
    if (step.do === 'conf') return lines(confLines(step.settings))
    return step.do === 'env' ? [JSON.stringify([step.main, step.reads])] : []
  })
  if (change === undefined) return { given: [], done }
  if (change.is === 'files') return { given: change.asMade.flatMap(({ text }) => lines(text)), done }
  const { asMade } = change
  return { given: asMade.does === 'sql' ? asMade.statements : [JSON.stringify([asMade.main, asMade.reads])], done }
}

test.each(outages)('$id: what the gate is given is what the trigger does, and is refused by the guard', (drill) => {
  for (const seed of seeds) {
    const { act } = drawn(drill, seed)
    const { given, done } = partsOf(act)
    expect(given).not.toEqual([])
    expect(given.filter((part) => !done.includes(part))).toEqual([])
    const { change } = act
    const rules = change?.is === 'files' ? [change.review, change.rehearse] : change ? [change.expected] : []
    expect(rules.flatMap((each) => each.rules.map((rule) => `gate:${rule}`))).toContain(drill.guards.prevent)
    expect(rules.every(({ objects }) => objects.length > 0)).toBe(true)
  }
})
