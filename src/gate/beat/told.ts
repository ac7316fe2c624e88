import type { GateFinding } from '../../core/gate.ts'
import { subject } from '../../core/subject.ts'
import { tableName, type Arrival, type Beat } from './beat.ts'

/** A contract's row before a change and after it. */
export interface Beats {
  readonly before: readonly Beat[]
  readonly after: readonly Beat[]
  /** What lies between: `the change`, `the way back`. */
  readonly behind: string
}

interface Pair {
  readonly was: Beat
  readonly is: Beat
}

const pairsOf = ({ before, after }: Beats): readonly Pair[] =>
  after.flatMap((is) => {
    const was = before.find(({ contract }) => contract === is.contract)
    return was ? [{ was, is }] : []
  })

/** What held before and holds no more. What did not arrive before either is not the fault of the change. Pure. */
export const beatFindings = (beats: Beats): readonly GateFinding[] =>
  pairsOf(beats).flatMap((pair) =>
    pair.was.written.state !== 'written'
      ? []
      : [
          ...writingFindings(pair, beats.behind),
          ...lost(pair).map((arrival) => missing(pair.is, arrival, beats.behind)),
        ],
  )

function writingFindings({ was, is }: Pair, behind: string): readonly GateFinding[] {
  const { written } = is
  const about = {
    object: subject.table(is.node, is.schema, is.table),
    nodes: [is.node],
    severity: 'critical' as const,
  }
  const row = `its row into ${tableName(is)} on ${is.node}`
  if (written.state === 'refused')
    return [
      {
        ...about,
        rule: 'replication/canary-refused',
        consequence: 'application/error',
        message: `after ${behind} contract ${is.contract} can no longer write ${row}${codeOf(written)}: ${written.why}`,
        remedy: written.remedy,
      },
    ]
  if (written.state === 'unknown')
    return [
      {
        ...about,
        rule: 'replication/canary-refused',
        consequence: 'application/error',
        message: `after ${behind} contract ${is.contract} wrote ${row}, its commit was not answered, and nobody can say what became of it: ${written.why}`,
        remedy: `Look what commits on ${is.node} wait for: pg_stat_activity, wait_event.`,
      },
    ]
  return written.state === 'written' && !written.isConfirmed && isConfirmed(was)
    ? [
        {
          ...about,
          rule: 'replication/canary-refused',
          consequence: 'replication/sync-standby-missing',
          message: `after ${behind} commits on ${is.node} are not answered any more: contract ${is.contract} wrote ${row}, and no synchronous standby confirmed it`,
          remedy: `Look at synchronous_standby_names on ${is.node}, and whether the standbys that it names stream.`,
        },
      ]
    : []
}

const isConfirmed = ({ written }: Beat): boolean => written.state === 'written' && written.isConfirmed

/** Nodes that showed the row before and do not now. */
const lost = ({ was, is }: Pair): readonly Arrival[] =>
  is.arrivals.filter(({ node, state }) => state === 'missing' && arrivalOn(was, node)?.state === 'shown')

const arrivalOn = ({ arrivals }: Beat, name: string): Arrival | undefined => arrivals.find(({ node }) => node === name)

const missing = (is: Beat, { node, waitedMs, detail }: Arrival, behind: string): GateFinding => ({
  rule: 'replication/canary-missing',
  consequence: 'replication/divergence',
  object: subject.table(node, is.schema, is.table),
  nodes: [node],
  severity: 'critical',
  message: `rows written on ${is.node} no longer reach ${node}: after ${behind} the row that contract ${is.contract} wrote into ${tableName(is)} did not show there within ${seconds(waitedMs)}${detail === null ? '' : `: ${detail}`}`,
  remedy: `Look what carries ${tableName(is)} to ${node}: its publication with operations, columns and row filter, the subscription and its slot, triggers and row security on ${node}. What was written meanwhile does not come by itself: antemortem verify says which rows are missing.`,
})

/** What else there is to say of the rows: where they showed, and where nobody could look. Pure. */
export const beatNotes = (beats: Beats): readonly string[] =>
  pairsOf(beats).flatMap((pair) => [...writingNotes(pair, beats.behind), ...arrivalNotes(pair, beats.behind)])

function writingNotes({ was, is }: Pair, behind: string): readonly string[] {
  const row = `the row of contract ${was.contract} in ${tableName(was)}`
  if (was.written.state !== 'written')
    return [
      `${row} was not written before the change already: ${wordsOf(was)}; what the change does to it was not seen`,
    ]
  if (is.written.state === 'not-connected') return [`${row} was not written after ${behind}: ${is.written.why}`]
  return was.written.isConfirmed
    ? []
    : [`${row} was not confirmed by a synchronous standby before the change already: look at synchronous_standby_names`]
}

const wordsOf = ({ written }: Beat): string => (written.state === 'written' ? '' : written.why)

function arrivalNotes({ was, is }: Pair, behind: string): readonly string[] {
  if (was.written.state !== 'written' || is.written.state !== 'written') return []
  const row = `the row that contract ${is.contract} wrote into ${tableName(is)} on ${is.node}`
  const shown = is.arrivals
    .filter(({ state }) => state === 'shown')
    .map(({ node, waitedMs }) => `${node} after ${waitedMs} ms`)
  return [
    ...(shown.length === 0 ? [] : [`after ${behind} ${row} showed on ${shown.join(', ')}`]),
    ...(is.arrivals.length === 0 ? [`no node follows with ${tableName(is)}: ${row} was awaited nowhere`] : []),
    ...is.arrivals.flatMap((arrival) => blindNotes(arrival, arrivalOn(was, arrival.node), row)),
  ]
}

/** Of a node that is not held against the change, why. */
function blindNotes(is: Arrival, was: Arrival | undefined, row: string): readonly string[] {
  const because = ({ detail }: Arrival): string => (detail === null ? '' : `: ${detail}`)
  if (is.state === 'not-seen') return [`${row} was not seen on ${is.node}${because(is)}`]
  if (is.state === 'shown' || was === undefined || was.state === 'shown') return []
  return was.state === 'missing'
    ? [`${row} did not show on ${is.node} before the change already, within ${seconds(was.waitedMs)}${because(was)}`]
    : [`${row} does not show on ${is.node}${because(is)}; whether it did before was not seen${because(was)}`]
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`

const codeOf = ({ code }: { readonly code: string | null }): string => (code === null ? '' : ` (${code})`)
