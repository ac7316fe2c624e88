import { afterAll, expect, test } from 'vitest'
import { clusterOf } from '../../drills/lab-cluster.ts'
import { drills } from '../../drills/list.generated.ts'
import { prevent } from '../../drills/prevent.ts'
import { random } from '../../drills/random.ts'
import { drawScene } from '../../drills/scene.ts'
import { startApp } from '../../lab/app/start-app.ts'
import { authBlueprint } from '../../lab/auth.ts'
import { testLab } from '../../lab/testing.ts'
import { gateForDrills } from './for-drills.ts'

/** It draws the names that a lab has by default, so that the worker's lab serves. */
const seed = 72
const ended = new AbortController()
afterAll(() => ended.abort())

const limits = { timeout: 120_000 }

/** Through every door, and not refused when done right: a file, and a command. All five so: script/measure gate-drills. */
const whole = ['0', '3']

test.each([
  ['0', ['gate review (replication/table-unpublished)', 'gate rehearse (replication/table-not-carried)']],
  ['1', ['gate --rehearse-with (replication/subscriber-written)']],
  ['2', ['gate -- (connection/contract-fails)']],
  ['3', ['gate --rehearse-with (server/setting-harms)']],
  ['4', ['gate review (configuration/preload-library)', 'gate rehearse (server/does-not-start)']],
])('outage %s: its change is refused for what it would do', limits, async (id, by) => {
  const drill = drills.find((each) => each.id === id)
  if (!drill) throw new Error(`no drill ${id}`)
  const draw = random(seed)
  const scene = drawScene(draw, drill)
  const act = drill.act(scene, draw)
  const lab = await testLab(authBlueprint({ names: scene.names }))
  const app = await startApp(lab, { reads: scene.reads })
  await app.stop()
  const cluster = clusterOf(lab, app, scene.names, scene.reads)
  const deps = { signal: ended.signal, progress: () => undefined }
  const gate = gateForDrills({ cluster, dir: lab.dir, ...deps })
  const shown = await prevent({ act, scene, lab }, { gate, ...deps, isWhole: whole.includes(id) })
  const tried = whole.includes(id) ? by : by.slice(0, 1)
  expect(shown?.attempts.map(({ by: door, rule, why }) => why ?? `${door} (${rule})`)).toEqual(tried)
  expect(whole.includes(id) ? ['pass', 'warn'] : [null]).toContain(shown?.corrected)
  expect(shown?.prevented?.by).toBe(by[0])
})
