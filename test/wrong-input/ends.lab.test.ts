import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type Event,
  lab,
  dir,
  config,
  write,
  start,
  antemortem,
  until,
  whatIsLeft,
  inTurn,
  eventsIn,
  opened,
  leaked,
  surroundings,
} from './program.ts'

surroundings()

describe('watch', () => {
  /** The application says how its logins go, as in an outage: ten a second on each node. */
  let isDown = false
  let reporting: NodeJS.Timeout | undefined
  afterEach(() => clearInterval(reporting))
  const report = (): void => {
    const at = new Date().toISOString()
    const lines = lab.nodes.map(({ name }) => {
      const code = isDown && name === 'reports' ? 'ECONNREFUSED' : 'ok'
      return `${JSON.stringify({ at, instance: 'app', node: name, code })}\n`
    })
    appendFileSync(join(dir, 'outcomes.ndjson'), lines.join(''))
  }

  test('goes on when a node dies, and after kill -9; a second one is refused meanwhile', async () => {
    const reported = `${config}        outcomes: "file:outcomes.ndjson"\n`
    write('antemortem.yaml', reported)
    write('other.yaml', `${reported}store: "sqlite:other.db"\n`)
    reporting = setInterval(report, 100)
    const timed = start('watch', '--for', '16s', '--format', 'json', '--config', 'other.yaml')
    const first = start('watch', '--format', 'json')
    const events = (): readonly Event[] => eventsIn(first.said.out.slice(0, first.said.out.lastIndexOf('\n') + 1))
    const has = (type: string) => (): boolean => events().some((event) => event.type === type)
    await until(has('watch.started'), 15_000, () => first.said.err)
    await until(
      () => timed.said.out.includes('watch.started'),
      15_000,
      () => timed.said.err,
    )
    await lab.stop('reports', 'kill')
    isDown = true
    await until(
      () => opened(events()).includes('connections/reachable reports'),
      10_000,
      () => first.said.out,
    )
    await until(has('incident.opened'), 10_000, () => first.said.out)

    const second = await antemortem('watch', '--format', 'json')
    expect([second.code, second.out]).toEqual([3, ''])
    expect(second.err).toMatch(/another watch writes to the store .*antemortem\.db: .* process \d+/)

    first.child.kill('SIGKILL')
    await first.ended
    const last = events().at(-1)
    // The other one has a store of its own. Its time is over while the incident is open.
    const over = await timed.ended
    expect(eventsIn(over.out).map(({ type }) => type)).toContain('incident.opened')
    expect(eventsIn(over.out).at(-1)?.type).toBe('watch.stopped')
    expect(over.code).toBe(1)
    const third = start('watch', '--format', 'json')
    const later = (): readonly Event[] => eventsIn(third.said.out.slice(0, third.said.out.lastIndexOf('\n') + 1))
    await until(
      () => later().some(({ type }) => type === 'watch.started'),
      20_000,
      () => third.said.err,
    )
    await lab.start('reports')
    isDown = false
    await until(
      () => later().some(({ type }) => type === 'service.restored'),
      20_000,
      () => third.said.out,
    )
    third.child.kill('SIGTERM')
    const { code } = await third.ended
    expect(later().at(-1)?.type).toBe('watch.stopped')
    expect(code).toBe(0)
    // The same incident, told once; nothing is numbered twice.
    expect(later().filter(({ type }) => type === 'incident.opened')).toEqual([])
    expect(later().find(({ type }) => type === 'service.restored')?.incident).toBe('INC-1')
    expect(later()[0]?.seq).toBeGreaterThan(last?.seq ?? 0)
    expect(await whatIsLeft()).toEqual([])
  })
})

describe('interrupted', () => {
  const change = '-- antemortem:on primary, reports\ncreate table notes (id int primary key);\n'
  /** Commands that only look, and when they are through by themselves. */
  const looks: readonly (readonly [string, number])[] = [
    ['check', 3_000],
    ['watch', 4_000],
    ['diagnose', 3_500],
  ]

  test('what only looks ends at any moment, and leaves no session', async () => {
    const moments = looks.flatMap(([command, longest]) =>
      (['SIGINT', 'SIGTERM'] as const).map((name) => ({ name, command, ms: Math.random() * longest })),
    )
    const wrong: string[] = []
    await inTurn([...moments.entries()], 3, async ([n, { name, command, ms }]) => {
      write(`${n}.yaml`, `${config}store: "sqlite:${n}.db"\n`)
      const run = start(command, '--config', `${n}.yaml`)
      await Promise.race([sleep(ms), run.ended])
      run.child.kill(name)
      const askedAt = performance.now()
      const { code, signal, out, err } = await run.ended
      const words = `${command}, ${name} after ${ms.toFixed(0)} ms: exit ${code ?? signal ?? ''}, ${err}`
      // Through before it was asked: it has said all, and may have found something.
      const isThrough = command !== 'watch' && (code === 0 || code === 1) && out !== ''
      const hasStopped = command === 'watch' && name === 'SIGTERM' && code === 0
      // Asked before it could listen: the signal itself ends it.
      const isRight = signal === name || code === 130 || hasStopped || isThrough
      if (!isRight || err !== '') wrong.push(words)
      if (performance.now() - askedAt > 8_000) wrong.push(`${words} took seconds to end`)
    })
    expect(wrong).toEqual([])
    expect(await whatIsLeft()).toEqual([])
  })

  test('what has started servers takes them along, whatever ends it', async () => {
    write('change.sql', change)
    // Its record of a rehearsal is opened at the beginning: where it cannot be kept is said before minutes have gone.
    write('gate.yaml', `${config}store: "sqlite:gate.db"\n`)
    const wrong: string[] = []
    const moments = [
      { name: 'SIGINT', command: 'gate rehearse change.sql --config gate.yaml', ms: 1_500 + Math.random() * 3_000 },
      { name: 'SIGTERM', command: 'drill run 0', ms: 1_500 + Math.random() * 8_000 },
      { name: 'SIGKILL', command: 'drill run 0e', ms: 1_500 + Math.random() * 8_000 },
    ] as const
    await Promise.all(
      moments.map(async ({ name, command, ms }) => {
        const run = start(...command.split(' '))
        await sleep(ms)
        run.child.kill(name)
        const { code, signal, err } = await run.ended
        const isRight = name === 'SIGKILL' ? signal === 'SIGKILL' : code === 130
        if (!isRight || err !== '')
          wrong.push(`${command}, ${name} after ${ms.toFixed(0)} ms: exit ${code ?? signal ?? ''}, ${err}`)
      }),
    )
    expect(wrong).toEqual([])
    expect(await whatIsLeft()).toEqual([])
    // Nothing was proven.
    expect(existsSync(join(dir, 'antemortem.db'))).toBe(false)
  })
})

test('no run has printed a password or a stack, and no process had a password in its command line', () => {
  expect(leaked()).toEqual([])
})
