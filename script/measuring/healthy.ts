import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../../src/core/event.ts'
import { readLogins, type Login } from '../../src/drills/logins.ts'
import { openFeed } from './feed.ts'
import { interruptions, operations, unpublishedTable, type Ground, type Operation } from './operations.ts'
import type { Measured } from './parts.ts'
import { blindAfterMs, observe, type Seeing } from './seeing.ts'
import { openStage, startWatch, type Watching } from './stage.ts'
import { prepareSwitchover } from './switchover.ts'

/** Asked of the whole measurement; fewer minutes are a try, and say so. */
const askedMinutes = 60
const minutes = Number(process.env['ANTEMORTEM_MINUTES'] ?? askedMinutes)
/** In a short try each of them still comes twice. */
const interruptEveryMs = Math.min(180_000, (minutes * 60_000) / (2 * interruptions.length + 1))
/** After an operation: what it sets off is to show before the next. */
const pauseMs = 4_000
const healthyWithinMs = 30_000

interface Done {
  readonly operation: Operation
  readonly atMs: number
}

/** Everything that looks like trouble and is none, under load, in turns, for as long as the clock says. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const stage = await openStage({
    autovacuum_naptime: '5s',
    autovacuum_vacuum_threshold: '20',
    autovacuum_analyze_threshold: '20',
  })
  let watching: Watching | null = null
  let feed: Ground['feed'] | null = null
  try {
    prepareSwitchover(stage)
    feed = await openFeed(stage.lab, stage.names)
    const ground: Ground = { ...stage, feed }
    await stage.lab.rows(
      stage.names.primary,
      `create table ${unpublishedTable} as select n as id, 'line ' || n as words from generate_series(1, 20000) n`,
    )
    watching = await startWatch(stage.cluster)
    const ended = new AbortController()
    const observed = observe(watching.watch, ended.signal)
    const fromMs = Date.now()
    const done = await Promise.race([carryOutInTurns(ground, watching, progress), watching.failed])
    ended.abort()
    await observed.ended
    const logins = readLogins(stage.app.outcomes)
    const { events } = watching
    const received = feed.received()
    return judged({ events, done, logins, seeing: observed.seeing(), received, fromMs, toMs: Date.now() })
  } finally {
    await watching?.stop()
    await feed?.stop()
    await stage.app.stop()
    await stage.lab.close()
  }
}

async function carryOutInTurns(
  ground: Ground,
  { watch, events }: Watching,
  progress: (words: string) => void,
): Promise<readonly Done[]> {
  for (const until = Date.now() + healthyWithinMs; watch.state.lastGood.atMs === null; await sleep(100))
    if (Date.now() > until) throw new Error('nothing was known to be good within 30 s')
  const done: Done[] = []
  let told = 0
  const carryOut = async (operation: Operation): Promise<void> => {
    done.push({ operation, atMs: Date.now() })
    progress(operation.words)
    await operation.carryOut(ground)
    await sleep(pauseMs)
    for (const event of events.slice(told)) if (isWorthTelling(event)) progress(`  ${wordsOf(event)}`)
    told = events.length
  }
  const endMs = Date.now() + minutes * 60_000
  let interruptMs = Date.now() + interruptEveryMs
  for (let turn = 0, interrupted = 0; Date.now() < endMs; turn += 1) {
    const operation = operations[turn % operations.length]
    if (operation) await carryOut(operation)
    if (Date.now() < interruptMs) continue
    interruptMs += interruptEveryMs
    const interruption = interruptions[interrupted++ % interruptions.length]
    if (interruption) await carryOut(interruption)
  }
  return done
}

interface Course {
  readonly events: readonly Event[]
  readonly done: readonly Done[]
  readonly logins: readonly Login[]
  readonly seeing: Seeing
  /** Bytes that the consumer of the slot was sent. */
  readonly received: number
  readonly fromMs: number
  readonly toMs: number
}

function judged({ events, done, logins, seeing, received, fromMs, toMs }: Course): Measured {
  const opened = events.filter((event) => event.type === 'finding.opened')
  const incidents = events.filter((event) => event.type === 'incident.opened')
  const failed = logins.filter(({ code }) => code !== 'ok')
  const rows = [...operations, ...interruptions].map((operation) => {
    const spans = done.flatMap((one, n) =>
      one.operation === operation ? [{ fromMs: one.atMs, toMs: done[n + 1]?.atMs ?? toMs }] : [],
    )
    const within = ({ atMs }: { readonly atMs: number }): boolean =>
      spans.some((span) => atMs >= span.fromMs && atMs < span.toMs)
    const findings = opened.filter(within).map(({ finding }) => `${finding.check} (${finding.severity})`)
    return [
      operation.words,
      String(spans.length),
      counted(findings),
      counted(failed.filter(within).map(({ node, code }) => `${code} on ${node}`)),
      String(incidents.filter(within).length),
    ]
  })
  const changes = events.filter(({ type }) => type === 'change.seen').length
  const measured = (toMs - fromMs) / 60_000
  const isMet = incidents.length === 0 && measured >= askedMinutes && received > 0
  return {
    header: ['what was done', 'times', 'findings that opened before the next', 'logins that failed', 'incidents'],
    rows,
    notes: [
      `Asked: ${askedMinutes} minutes without an incident. Measured: ${measured.toFixed(1)} minutes, ${incidents.length} incidents. ${isMet ? 'Met.' : '**Not met.**'}`,
      `${logins.length} logins, ${failed.length} of them failed; ${changes} changes seen; findings: ${counted(opened.map(({ finding }) => `${finding.check} (${finding.severity})`))}. Autovacuum looked every 5 s. The consumer of the slot was sent ${(received / 1_048_576).toFixed(0)} MB. Logins that failed while their server was down are part of the load, and so are findings that say what was done.`,
      `The watch looked ${seeing.rounds} times, the longest pause was ${(seeing.longestGapMs / 1000).toFixed(1)} s; without pauses of more than ${blindAfterMs / 1000} s it watched for ${(seeing.watchedMs / 60_000).toFixed(1)} minutes. Comparisons of touched tables: ${[...seeing.verdicts].map(([words, count]) => `${words} ${count}`).join(', ') || 'none'}.`,
      ...(incidents.length > 0 ? [tellingOf(events)] : []),
    ],
    met: isMet,
  }
}

const isWorthTelling = ({ type }: Event): boolean =>
  [
    'finding.opened',
    'finding.closed',
    'incident.opened',
    'cause.identified',
    'service.restored',
    'symptom.returned',
  ].includes(type)

/** In the order of the log, with what it takes to find out why. */
const tellingOf = (events: readonly Event[]): string => events.filter(isWorthTelling).map(wordsOf).join('; ')

function wordsOf(event: Event): string {
  const at = new Date(event.atMs).toISOString().slice(11, 23)
  switch (event.type) {
    case 'finding.opened':
    case 'finding.closed': {
      const { check, subject, severity, message, evidence } = event.finding
      return `${at} ${event.type} ${check} ${subject} (${severity}): ${message} ${JSON.stringify(evidence)}`
    }
    case 'incident.opened':
      return `${at} ${event.type} ${event.incident}: ${event.title}`
    case 'cause.identified': {
      const [cause] = event.diagnosis.causes
      const why = cause?.evidence.map(({ words }) => words).join('; ')
      return `${at} ${event.type} ${cause?.id} ${cause?.subject} (${cause?.verdict}): ${why}`
    }
    default:
      return `${at} ${event.type}`
  }
}

/** `a 3, b 1`: most frequent first. */
function counted(words: readonly string[]): string {
  const counts = Map.groupBy(words, (word) => word)
  const sorted = [...counts].toSorted((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
  return sorted.map(([word, all]) => `${word} ${all.length}`).join(', ') || 'none'
}
