import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { isBehind } from '../../src/core/lag.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { testLab } from '../../src/lab/testing.ts'
import { expected, toldBy, type Expected, type StateName } from './expected.ts'
import { later, type Look } from './look.ts'
import { plainLooks } from './plain.ts'
import { majorOf, readRecording, writeRecording, type Looks } from './recording.ts'
import { lasting, tell, type Told } from './replay.ts'
import { allNodes, watching, type Nodes, type Scene } from './scene.ts'
import { shapeDifferences } from './shape.ts'

/** What runs beside a state until it is over: sessions that are held, load. */
export type Ends = AsyncDisposableStack

export interface Doing {
  readonly lab: Lab
  readonly ends: Ends
}

/** How a real server gets into a state and out of it. */
export interface State {
  /** Before it is watched: part of what is good. */
  readonly prepares?: (lab: Lab) => Promise<void>
  readonly breaks: (doing: Doing) => Promise<unknown>
  /** Without it there is nothing to mend: a look-alike. */
  readonly mends?: (doing: Doing) => Promise<unknown>
  /** What must be seen, where nothing that is told says that it was. */
  readonly shows?: (snapshot: Snapshot) => boolean
  readonly nodes?: Nodes
  /** Without an application: nobody's settings have to follow. */
  readonly alone?: true
}

const isRecording = process.env['ANTEMORTEM_RECORD'] === '1'
const withinMs = 30_000
const everyMs = 250
/** A check that looks back has forgotten the state by then. */
const mendedMs = 1_200_000

/** The state is made on a real server and told as the table says; mended, what was told ends; its looks are those recorded. */
export function state(name: StateName, { prepares, breaks, mends, shows, nodes = allNodes, alone }: State): void {
  test(`${name}: ${expected[name].words}`, async () => {
    const lab = await testLab()
    await prepares?.(lab)
    await using ends = new AsyncDisposableStack()
    await watching(lab, { nodes, alone: alone ?? false }, async (scene) => {
      const before = scene.look(null)
      await breaks({ lab, ends })
      const first = await scene.nextLook(before)
      const stage = { scene, lab, before, first, wanted: expected[name], shows }
      const { looks, difference } = await fulfilled(stage)
      expect(difference).toEqual({ missing: [], unexpected: [] })
      const plain = plainOf(looks, stage)
      if (isRecording) writeRecording(name, plain)
      const recorded = readRecording(majorOf(plain), name)
      expect(recorded && shapeDifferences(plain, recorded), 'type script/record-states').toEqual([])
      await mends?.({ lab, ends })
      expect(mends ? await leftOver(stage, looks) : [], 'told although it is mended').toEqual([])
    })
  })
}

interface Stage {
  readonly scene: Scene
  readonly lab: Lab
  readonly before: Look
  readonly first: Look
  readonly wanted: Expected
  readonly shows: State['shows']
}

const rawLooks = ({ scene, before, first }: Stage): Looks => {
  const atFirst = new Set(first.changes.map(({ id }) => id))
  const now = scene.look(before)
  return [before, first, { ...now, changes: now.changes.filter(({ id }) => !atFirst.has(id)) }]
}

function plainOf(looks: Looks, { lab, scene }: Stage): Looks {
  const [before = looks[0], first = looks[1], last = looks[2]] = plainLooks(looks, lab, scene.folder)
  return [before, first, last]
}

const isShown = ({ snapshot }: Look, { shows, wanted }: Stage): boolean =>
  (shows?.(snapshot) ?? true) && (wanted.laterMs === 0 || !isInFlight(snapshot))

/** Nodes are read one after the other: what was written in between would, gone on for a minute, be a lag. */
const isInFlight = ({ nodes }: Snapshot): boolean =>
  nodes.some(({ facts: { server, wal, receiver, settings } }) => {
    if (!server.seen || !wal.seen || !receiver.seen || !settings.seen) return false
    const { replayLsn, replayPaused } = wal.value
    const isHeldBack = replayPaused || settings.value['recovery_min_apply_delay'] !== '0'
    if (replayLsn === null || isHeldBack || !receiver.value.some(({ status }) => status === 'streaming')) return false
    return nodes.some(({ facts: of }) => {
      const written =
        of.wal.seen && of.server.seen && of.server.value.systemId === server.value.systemId
          ? of.wal.value.writeLsn
          : null
      return written !== null && isBehind(replayLsn, written)
    })
  })

/** How often something is logged while a state is made depends on the machine; three lines are told, two are not. */
const isOfChance = / errors\/new-after-change /

/** What is told against the table: without lines, all is as it should be. */
interface Difference {
  readonly missing: readonly string[]
  /** Only of a recording: a live server may have more to tell. */
  readonly unexpected: readonly string[]
}

function differenceOf(told: Told, wanted: Told): Difference {
  const [here, there] = [told, wanted].map(({ found, causes, incident }) => [
    ...found,
    ...causes.map((line, n) => (isRecording ? `${n + 1}. ${line}` : line)),
    ...(incident ? ['an incident'] : []),
  ])
  return {
    missing: there?.filter((line) => !here?.includes(line) && (isRecording || !isOfChance.test(line))) ?? [],
    unexpected: isRecording ? (here?.filter((line) => !there?.includes(line)) ?? []) : [],
  }
}

/** Until all that should be told is told, and, to be recorded, nothing else; or until there is no time left. */
async function fulfilled(stage: Stage): Promise<{ readonly looks: Looks; readonly difference: Difference }> {
  const wanted = toldBy(stage.wanted)
  const until = Date.now() + withinMs
  for (;;) {
    const looks = rawLooks(stage)
    const told = tell(lasting(plainOf(looks, stage), stage.wanted.laterMs))
    const { missing, unexpected } = differenceOf(told, wanted)
    const unseen = isShown(looks[2], stage) ? [] : ['what must be seen, and nothing in flight']
    const difference = { missing: [...missing, ...unseen], unexpected }
    if ((difference.missing.length === 0 && unexpected.length === 0) || Date.now() > until) return { looks, difference }
    await sleep(everyMs)
  }
}

/** What the state alone told and is still told; waits until it is nothing, or until there is no time left. */
async function leftOver(stage: Stage, broken: Looks): Promise<readonly string[]> {
  const { scene, lab, wanted } = stage
  const own = wanted.found.filter((line) => !(wanted.stays ?? []).includes(line))
  const until = Date.now() + withinMs
  for (;;) {
    await scene.nextLook(null)
    const [before, first, last, now] = plainLooks([...broken, scene.look(broken[2])], lab, scene.folder)
    if (!before || !first || !last || !now) throw new Error('four looks have gone in')
    const mended = wanted.laterMs + mendedMs
    const told = tell([
      ...lasting([before, first, last], wanted.laterMs),
      { ...later(now, mended), changes: now.changes },
      later(now, mended + 1_000),
    ])
    const left = own.filter((line) => told.found.includes(line))
    if (left.length === 0 || Date.now() > until) return left
    await sleep(everyMs)
  }
}
