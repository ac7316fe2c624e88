import type { SampledDifference, SampledTable } from '../../core/rolling.ts'
import type { ChunkVerdict } from '../../rows/compare-table.ts'

/** A table on two nodes as the schedule sees it. */
export interface Entry extends SampledTable {
  /** It is there now, as the topology and the catalogs say; what is not is kept and not asked for. */
  readonly isPresent: boolean
  /** It can be asked for; a table that the reading role may not read is not. */
  readonly isReadable: boolean
  readonly rowsEstimated: number
  /** Changed since its last round began. */
  readonly isTouched: boolean
  /** Rows written so far as the server counts them: now, and as the last round began; null where not known. */
  readonly writes: number | null
  readonly writesBefore: number | null
  /** Turn in which it was last asked for; 0: never. */
  readonly servedAt: number
}

const limits = {
  againMs: {
    default: 1_000,
    unit: 'ms',
    why: 'a difference is told after two looks; a migration may be at work for one',
  },
  longestAgainMs: { default: 300_000, unit: 'ms', why: 'rows that were mended are told as mended within five minutes' },
  steadyMs: { default: 30_000, unit: 'ms', why: 'doubled after each look that finds the same' },
  listed: { default: 100, unit: 'rows', why: 'enough to tell that it stays; `verify` lists them all' },
} as const

/** Rows of a table that are listed one by one. */
export const mostListed = limits.listed.default

export const keyOf = ({ left, right, name }: Pick<SampledTable, 'left' | 'right' | 'name'>): string =>
  JSON.stringify([left, right, name])

/** A round begins, or goes on: what was compared of a table that looked otherwise says nothing. */
export function begun(entry: Entry, stamp: string | null, atMs: number): Entry {
  // Where the look of it could not be read, nothing says that it is another one.
  if (entry.begunMs !== null && (stamp === null || entry.stamp === stamp)) return entry
  return {
    ...entry,
    stamp,
    after: null,
    begunMs: atMs,
    rows: 0,
    hasHole: false,
    isTouched: false,
    writesBefore: entry.writes,
  }
}

type Told = Pick<ChunkVerdict, 'verdict' | 'range' | 'rows' | 'differing' | 'more' | 'unsettled' | 'detail' | 'remedy'>

/** What was found in a range of keys. `isKeyed`: one can go on behind it in another turn. */
export function compared(entry: Entry, chunk: Told, isKeyed: boolean, atMs: number): Entry {
  const { verdict, range } = chunk
  const isKnown = verdict === 'consistent' || (verdict === 'divergent' && chunk.unsettled === 0)
  const isRefused = verdict === 'unverifiable' || verdict === 'corrupt'
  return {
    ...entry,
    rows: entry.rows + chunk.rows,
    hasHole: entry.hasHole || !isKnown,
    after: isKeyed && range.upTo !== null && !range.bucket ? range.upTo : entry.after,
    difference: verdict === 'divergent' ? found(entry.difference, chunk, atMs) : entry.difference,
    refusal: isRefused ? refused(entry, chunk, atMs) : entry.refusal,
  }
}

function refused({ refusal, begunMs }: Entry, { detail, remedy }: Told, atMs: number): SampledTable['refusal'] {
  const words = {
    detail: detail ?? 'no reason was given',
    remedy: remedy ?? 'Look again in a minute.',
    isForbidden: false,
  }
  // Several chunks of one round are one look.
  if (refusal === null) return { ...words, times: 1, sinceMs: atMs, atMs }
  const isSameRound = begunMs !== null && refusal.atMs >= begunMs
  return { ...refusal, ...words, times: refusal.times + (isSameRound ? 0 : 1), atMs }
}

const surplusOf = ({ differing, more }: Pick<Told, 'differing' | 'more'>): number | null =>
  more ? null : differing.reduce((sum, { kind }) => sum + (kind === 'extra' ? 1 : kind === 'missing' ? -1 : 0), 0)

const isListed = ({ differing, more }: Pick<Told, 'differing' | 'more'>): boolean =>
  !more && differing.length > 0 && differing.length <= mostListed && differing.every(({ key }) => key.length > 0)

/** Another range of the same round, or of a later one: rows that are known already are not counted twice. */
function found(before: SampledDifference | null, chunk: Told, atMs: number): SampledDifference {
  const keys = chunk.differing.map(({ key }) => key)
  const isNew = isListed(chunk)
  if (before === null)
    return {
      keys: isNew ? keys : [],
      more: !isNew,
      from: chunk.range.after,
      times: 1,
      sinceMs: atMs,
      atMs,
      againMs: atMs + limits.againMs.default,
      surplus: surplusOf(chunk),
      sourceRows: null,
    }
  const known = new Set(before.keys.map((key) => JSON.stringify(key)))
  const added = keys.filter((key) => !known.has(JSON.stringify(key)))
  if (added.length === 0 && isNew) return before
  const surplus = surplusOf(chunk)
  const isMore = isNew && added.length === keys.length && before.surplus !== null && surplus !== null
  return {
    ...before,
    // Some stand for all: whether they stay is what is asked.
    keys: isNew && !before.more ? [...before.keys, ...added].slice(0, mostListed) : before.keys,
    surplus: isMore ? before.surplus + surplus : null,
  }
}

/** After another look at the rows that differed. What could not be looked at is as it was. */
export function lookedAgain(entry: Entry, chunk: Told, atMs: number): Entry {
  const { difference } = entry
  if (difference === null) return entry
  if (chunk.verdict === 'consistent')
    // They are equal now; whether all others are, another round tells.
    return { ...entry, difference: null, isTouched: true }
  const waitMs = Math.min(
    limits.longestAgainMs.default,
    limits.steadyMs.default * 2 ** Math.min(difference.times - 1, 10),
  )
  if (chunk.verdict !== 'divergent')
    return { ...entry, difference: { ...difference, againMs: atMs + limits.steadyMs.default } }
  const isStill = isListed(chunk)
  return {
    ...entry,
    difference: {
      ...difference,
      keys: isStill ? chunk.differing.map(({ key }) => key) : difference.keys,
      surplus: isStill && chunk.differing.length === difference.keys.length ? difference.surplus : null,
      times: difference.times + 1,
      atMs,
      againMs: atMs + waitMs,
    },
  }
}

/** It was gone through to its end. */
export function ended(entry: Entry, atMs: number): Entry {
  const { begunMs, hasHole, difference, refusal, rows } = entry
  const isRefusedNow = refusal !== null && begunMs !== null && refusal.atMs >= begunMs
  return {
    ...entry,
    after: null,
    begunMs: null,
    endedMs: atMs,
    verifiedMs: hasHole ? entry.verifiedMs : begunMs,
    failures: hasHole ? entry.failures + 1 : 0,
    difference: difference && !hasHole ? { ...difference, sourceRows: rows } : difference,
    refusal: isRefusedNow ? refusal : null,
  }
}

/** What of it outlives the watcher. */
export const sampledOf = (entry: Entry): SampledTable => ({
  left: entry.left,
  right: entry.right,
  schema: entry.schema,
  table: entry.table,
  name: entry.name,
  stamp: entry.stamp,
  after: entry.after,
  begunMs: entry.begunMs,
  rows: entry.rows,
  hasHole: entry.hasHole,
  verifiedMs: entry.verifiedMs,
  endedMs: entry.endedMs,
  failures: entry.failures,
  difference: entry.difference,
  refusal: entry.refusal,
})
