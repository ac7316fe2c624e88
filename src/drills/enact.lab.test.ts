import { expect, test } from 'vitest'
import type { LabStep } from '../core/lab-step.ts'
import { authBlueprint } from '../lab/auth.ts'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { waitUntil } from '../lab/wait.ts'
import { measureHarm } from './harm.ts'
import { drills } from './list.generated.ts'
import { readLogins, type Login } from './logins.ts'
import { random } from './random.ts'
import { drawScene } from './scene.ts'
import { openStage } from './stage.ts'
import { carrySteps } from './steps.ts'

/** It draws the names that a lab has by default, so that the worker's lab serves, and reads on all three nodes. */
const seed = 72

const signal = new AbortController().signal

interface Enacted {
  readonly codes: Readonly<Record<string, number>>
  /** Share of failures since the first, by node and by instance. */
  readonly by: Readonly<Record<string, number>>
  readonly log: (node: string) => string
}

/** The trigger of a drill and what it does to the application, with nobody watching. */
async function enact(id: string): Promise<Enacted> {
  const drill = drills.find((each) => each.id === id)
  if (drill === undefined) throw new Error(`no drill ${id}`)
  const draw = random(seed)
  const drawn = drawScene(draw, drill)
  const act = drill.act(drawn, draw)
  const lab = await testLab(authBlueprint({ names: drawn.names }))
  await using stage = await openStage(lab, { scene: drawn, act, signal })
  const logins = (): readonly Login[] => readLogins(stage.app.outcomes)
  await waitUntil('logins on all nodes', async () => logins().length >= 12, { everyMs: 20 })
  expect(logins().filter(({ code }) => code !== 'ok')).toEqual([])
  const fromMs = Date.now()
  await carrySteps(act.trigger, stage)
  const harm = () => measureHarm(logins(), fromMs, act.truth.symptom)
  // Long enough for a share: each instance at each node some times.
  const isOver = async (): Promise<boolean> => harm().happened && sinceFirst(logins(), fromMs).length >= 24
  await waitUntil(`what drill ${id} does`, isOver, { timeoutMs: 12_000, everyMs: 50 })
  const after = sinceFirst(logins(), fromMs)
  const by: Record<string, number> = {}
  for (const key of new Set(after.flatMap(({ node, instance }) => [node, instance]))) {
    const group = after.filter(({ node, instance }) => node === key || instance === key)
    by[key] = group.filter(({ code }) => code !== 'ok').length / group.length
  }
  return { codes: harm().codes, by, log: (node) => lab.log(node) }
}

function sinceFirst(logins: readonly Login[], fromMs: number): readonly Login[] {
  const after = logins.filter(({ atMs }) => atMs >= fromMs)
  const first = after.findIndex(({ code }) => code !== 'ok')
  return first < 0 ? [] : after.slice(first)
}

/** The SQLSTATE stands where the prefix has it. */
const logged = (code: string): RegExp => new RegExp(`^\\S+ \\S+ UTC \\[\\d+\\] ${code} .*(?:ERROR|FATAL):`, 'm')

test('1: the apply worker fails at a row that is there already, and old passwords count on the subscriber alone', async () => {
  const { codes, by, log } = await enact('1')
  expect(Object.keys(codes)).toEqual(['APP_BAD_HASH'])
  expect(by['reports']).toBeGreaterThan(0.6)
  expect([by['primary'], by['standby']]).toEqual([0, 0])
  expect(log('reports')).toMatch(logged('23505'))
})

test('1c: reads on the standby are cancelled', async () => {
  const { codes, by, log } = await enact('s1c')
  expect(Object.keys(codes)).toEqual(['40001'])
  expect([by['primary'], by['reports']]).toEqual([0, 0])
  expect(log('standby')).toMatch(logged('40001'))
})

test('2: one instance is refused by all nodes, and no server hears of it', async () => {
  const { codes, by, log } = await enact('2')
  expect(Object.keys(codes)).toEqual(['ECONNREFUSED'])
  const shares = ['app1', 'app2', 'app3'].map((instance) => by[instance])
  expect([shares.filter((share) => share === 1).length, shares.filter((share) => share === 0).length]).toEqual([1, 2])
  for (const node of ['primary', 'standby', 'reports']) expect(log(node)).not.toMatch(/ERROR|FATAL/)
})

test('2, pools: the first instance leaves no connection for the others', async () => {
  const { codes, by, log } = await enact('s2pool')
  expect(Object.keys(codes)).toEqual(['53300'])
  expect(by['app3']).toBeGreaterThan(0.5)
  expect(log('primary')).toMatch(logged('53300'))
})

test('3: reads of the damaged page fail on the primary, and nowhere else', async () => {
  const { codes, by, log } = await enact('3')
  expect(codes['XX001']).toBeGreaterThan(5)
  expect(by['primary']).toBeGreaterThan(0.8)
  expect(log('primary')).toMatch(logged('XX001'))
  for (const node of ['standby', 'reports']) expect(log(node)).not.toMatch(logged('XX001'))
})

test('4: nobody can log in, and the log says which library is missing', async () => {
  const { codes, by, log } = await enact('4')
  expect(codes['ECONNREFUSED']).toBeGreaterThan(15)
  expect([by['app1'], by['app2'], by['app3']]).toEqual([1, 1, 1])
  expect(log('primary')).toMatch(logged('58P01'))
})

test('d3: one node times out behind a slow way, and answers at once when asked directly', async () => {
  const { codes, by, log } = await enact('d3')
  expect(Object.keys(codes)).toEqual(['CLIENT_TIMEOUT'])
  expect(Object.entries(by).filter(([, share]) => share > 0.9)).toHaveLength(1)
  expect(log('primary') + log('standby') + log('reports')).not.toMatch(/ERROR|FATAL/)
})

test('d10: everything times out behind a black hole, and the primary says nothing', async () => {
  const { codes, by, log } = await enact('d10')
  expect(Object.keys(codes)).toEqual(['CLIENT_TIMEOUT'])
  expect(by['primary']).toBe(1)
  expect(log('primary')).not.toMatch(/ERROR|FATAL/)
})

const refused = async (lab: Lab): Promise<unknown> =>
  lab.rows('reports', 'select 1', [], 'app').then(
    () => null,
    (error: unknown) => Reflect.get(Object(error), 'code'),
  )

test('steps about servers do what they say, and a start that works is no failed start', async () => {
  const lab = await testLab()
  const scene = drawScene(random(seed))
  const act = drills[0]?.act(scene, random(seed))
  if (act === undefined) throw new Error('there is no drill')
  await using stage = await openStage(lab, { scene, act: { trigger: [], truth: act.truth }, signal })
  const carry = async (...steps: readonly LabStep[]): Promise<void> => carrySteps(steps, stage)
  const node = 'reports'
  await carry({ do: 'hba', node, at: 'top', lines: ['host  all  app  127.0.0.1/32  reject'] }, { do: 'reload', node })
  await waitUntil('the access rule to count', async () => (await refused(lab)) === '28000')
  await carry({ do: 'kill', node })
  expect(lab.isRunning(node)).toBe(false)
  await carry({ do: 'start', node }, { do: 'stop', node, mode: 'immediate' })
  expect(lab.isRunning(node)).toBe(false)
  await expect(carry({ do: 'start', node, fails: true })).rejects.toMatchObject({ code: 'drill-not-enacted' })
  await expect(carry({ do: 'proxy', node, way: { is: 'refuse' } })).rejects.toThrow('has no proxies')
  const sessions = `select application_name as name, state from pg_stat_activity where application_name like 'night%' order by 1`
  await carry(
    { do: 'hold', node: 'primary', text: 'select 1', application: 'nightly' },
    { do: 'repeat', node: 'primary', texts: ['select 1'], everyMs: 20, application: 'nightwatch' },
  )
  expect(await lab.rows('primary', sessions)).toEqual([
    { name: 'nightly', state: 'idle in transaction' },
    { name: 'nightwatch', state: expect.any(String) },
  ])
})
