import type { Bucket, Digest, Key, Range, RowDigest, RowRead } from '../../engines/postgres/rows/comparable.ts'
import { bucketsIn } from '../../engines/postgres/rows/comparable.ts'
import type { Ask, CompareEvent } from '../compare/state.ts'
import { partsOf } from '../compare/locate.ts'
import type { Wait } from '../fence.ts'

interface Row {
  readonly value: number
  readonly version: number
}

type Order = (a: number, b: number) => number

/** Numbers that look random and are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** Neighbours lie in buckets far apart, as with any hash. */
export const isIn = (bucket: Bucket | undefined, value: number): boolean =>
  bucket === undefined || ((Math.imul(value, 0x9e3779b1) >>> 7) & (bucket.of - 1)) === bucket.n

class Store {
  readonly rows = new Map<number, Row>()
  readonly #order: Order
  #versions = 0

  constructor(order: Order) {
    this.#order = order
  }

  write(key: number, value: number | null): void {
    this.#versions += 1
    if (value === null) this.rows.delete(key)
    else this.rows.set(key, { value, version: this.#versions })
  }

  sorted({ after, upTo, bucket }: Range): number[] {
    const keys = [...this.rows.keys()].filter(
      (key) =>
        isIn(bucket, key) &&
        (after === null || this.#order(key, Number(after[0])) > 0) &&
        (upTo === null || this.#order(key, Number(upTo[0])) <= 0),
    )
    return keys.sort(this.#order)
  }

  read(keys: readonly number[]): RowDigest[] {
    return keys.flatMap((key) => {
      const row = this.rows.get(key)
      return row ? [{ key: [String(key)], hash: `${key}=${row.value}`, version: String(row.version) }] : []
    })
  }

  evidence(keys: readonly number[], images: boolean): RowRead[] {
    return this.read(keys).map((row) => {
      const value = row.hash.split('=')[1] ?? ''
      return { ...row, columns: { value }, image: images ? { value } : null }
    })
  }

  buckets(range: Range, of: number): Digest[] {
    return bucketsIn(range, of).map((bucket) => this.digest(this.sorted({ ...range, bucket })))
  }

  digest(keys: readonly number[]): Digest {
    const rows = this.read(keys).sort((a, b) => Number(a.key[0]) - Number(b.key[0]))
    const versions = rows.map((row) => `${row.hash}@${row.version}`).join()
    return { rows: rows.length, hash: rows.map((row) => row.hash).join(), versions }
  }

  parts(range: Range, cuts: readonly Key[]): Digest[] {
    const parts: number[][] = Array.from({ length: cuts.length + 1 }, () => [])
    for (const key of this.sorted(range)) {
      const part = cuts.findIndex((cut) => this.#order(key, Number(cut[0])) <= 0)
      parts.at(part === -1 ? cuts.length : part)?.push(key)
    }
    return parts.map((keys) => this.digest(keys))
  }
}

export interface World {
  readonly random: (below: number) => number
  readonly source: Store
  readonly target: Store
  /** Committed on the source, in order. */
  readonly log: [key: number, value: number | null][]
  applied: number
  /** Written now and then, with few values, so that rows come back as they were. */
  readonly hot: readonly number[]
  /** Changed on the target behind replication's back; the source does not write them. */
  readonly broken: Map<number, 'missing' | 'extra' | 'changed'>
  /** false: no fence is ever reached. */
  readonly follows: boolean
  /** Broken rows come right now and then, as where a full image of their page is replayed. */
  readonly heals: boolean
  /** A fence takes seconds. */
  readonly late: boolean
  readonly healed: Set<number>
}

/** How the target sorts: as the source, a little differently as with another version of a collation, or quite differently. */
const orders = {
  same: (key: number): number => key,
  near: (key: number): number => key - 2 * (((key % 64) + 64) % 64),
  far: (key: number): number => (key * 7919) % 10_007,
} as const

export function makeWorld(options: {
  seed: number
  rows: number
  broken: number
  order: keyof typeof orders
  follows: boolean
  heals?: boolean
  late?: boolean
}): World {
  const random = randomFrom(options.seed)
  const place = orders[options.order]
  const source = new Store((a, b) => a - b)
  const target = new Store((a, b) => place(a) - place(b) || a - b)
  const keys = Array.from({ length: options.rows }, (_, n) => n * 2)
  for (const store of [source, target]) for (const key of keys) store.write(key, key % 5)
  const hot = Array.from({ length: 12 }, () => random(Math.max(1, options.rows)) * 2)
  const { follows, heals = false, late = false } = options
  const begun = { log: [], applied: 0, broken: new Map(), healed: new Set<number>() }
  const world: World = { random, source, target, hot, follows, heals, late, ...begun }
  for (let n = 0; n < options.broken; n += 1) breakOne(world, options.rows)
  return world
}

function breakOne({ random, target, broken, hot }: World, rows: number): void {
  const key = random(rows * 2 + 20) - 10
  if (broken.has(key) || hot.includes(key)) return
  if (!target.rows.has(key)) broken.set(key, 'extra')
  else broken.set(key, random(2) === 0 ? 'missing' : 'changed')
  target.write(key, broken.get(key) === 'missing' ? null : 77)
}

/** Some writes, some replication: called before everything that is read. */
export function tick(world: World): void {
  const { random, source, hot, log } = world
  for (let n = hot.length === 0 ? 0 : random(4); n > 0; n -= 1) {
    const key = hot[random(hot.length)] ?? 0
    const value = random(3) === 0 ? null : random(2)
    source.write(key, value)
    log.push([key, value])
  }
  if (world.follows) replicate(world, world.applied + random(5))
  if (world.heals && random(4) === 0) heal(world)
}

/** The source does not write what is broken: what it has there is what the target should have. */
function heal({ random, source, target, broken, healed }: World): void {
  const key = [...broken.keys()][random(broken.size)]
  if (key === undefined || healed.has(key)) return
  healed.add(key)
  target.write(key, source.rows.get(key)?.value ?? null)
}

function replicate(world: World, upTo: number): void {
  for (; world.applied < Math.min(upTo, world.log.length); world.applied += 1) {
    const change = world.log[world.applied]
    if (change) world.target.write(...change)
  }
}

/** What a driver would do, with the world going on between any two reads. */
export function answer(ask: Ask, world: World): CompareEvent {
  const read = <T>(side: 'source' | 'target', from: (store: Store) => T): T => {
    tick(world)
    return from(world[side])
  }
  const both = <T>(from: (store: Store) => T): { source: T; target: T } =>
    world.random(2) === 0
      ? { source: read('source', from), target: read('target', from) }
      : { target: read('target', from), source: read('source', from) }
  const fence = (): Wait => {
    const upTo = world.log.length
    tick(world)
    if (!world.follows) return { reached: false, ms: 0, why: 'far behind' }
    replicate(world, upTo)
    return { reached: true, ms: world.late ? 3000 - 2990 * Number(world.random(20) === 0) : 0 }
  }
  const reads = <T>(from: (store: Store) => T) => {
    const before = read('source', from)
    const wait = fence()
    if (!wait.reached) return { wait, reads: null }
    return { wait, reads: { before, target: read('target', from), after: read('source', from) } }
  }
  if (world.random(12) === 0) return { type: 'failed', refusal: 'again', detail: '40001', remedy: '' }
  switch (ask.do) {
    case 'boundary': {
      const key = read('source', (store) => store.sorted({ after: ask.after, upTo: null })[ask.limit - 1])
      return { type: 'boundary', upTo: key === undefined ? null : [String(key)] }
    }
    case 'hash':
      return { type: 'hash', ...both((store) => store.digest(store.sorted(ask.range))), ms: 1 + world.random(600) }
    case 'fence':
      return { type: 'fence', wait: fence() }
    case 'cut': {
      const keys = read(ask.side, (store) => store.sorted(ask.range))
      const step = Math.max(1, Math.ceil(ask.rows / partsOf))
      return {
        type: 'cut',
        cuts: keys.filter((_, n) => (n + 1) % step === 0 && n + 1 < ask.rows).map((key) => [String(key)]),
      }
    }
    case 'parts':
      return { type: 'parts', ...both((store) => store.parts(ask.range, ask.cuts)) }
    case 'rows':
      return { type: 'rows', ...both((store) => store.read(store.sorted(ask.range))) }
    case 'buckets':
      return { type: 'buckets', ...both((store) => store.buckets(ask.range, ask.of)) }
    case 'settle':
      return {
        type: 'settle',
        ...reads((store) =>
          store.evidence(
            ask.keys.map((key) => Number(key[0])),
            ask.images,
          ),
        ),
      }
    case 'settle-copies':
      throw new Error('rows with a key are never settled by copies')
    case 'settle-range':
      break
  }
  const { wait, reads: round } = reads((store) => store.digest(store.sorted(ask.range)))
  return { type: 'settle-range', wait, round }
}
