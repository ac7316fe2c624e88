import type { Copies, Digest, Range } from '../../engines/postgres/rows/comparable.ts'
import { bucketsIn } from '../../engines/postgres/rows/comparable.ts'
import type { Ask, CompareEvent } from '../compare/state.ts'
import { isIn, randomFrom } from './two-stores.ts'

/** Rows without a key: values, of which several may be the same. */
class Bag {
  readonly copies: { readonly value: number; readonly version: string }[] = []
  #versions = 0

  insert(value: number): void {
    this.#versions += 1
    this.copies.push({ value, version: String(this.#versions) })
  }

  /** Any copy: to a database without a key they are all the same. */
  delete(value: number, random: (below: number) => number): boolean {
    const places = this.copies.flatMap((copy, n) => (copy.value === value ? [n] : []))
    const place = places[random(Math.max(1, places.length))]
    if (place === undefined) return false
    this.copies.splice(place, 1)
    return true
  }

  read({ bucket }: Range): Copies[] {
    const byValue = Map.groupBy(
      this.copies.filter(({ value }) => isIn(bucket, value)),
      ({ value }) => value,
    )
    return [...byValue].map(([value, copies]) => ({
      hash: String(value),
      versions: copies.map(({ version }) => version),
      image: { value: String(value) },
    }))
  }

  digest(range: Range): Digest {
    const copies = this.read(range).sort((a, b) => Number(a.hash) - Number(b.hash))
    return {
      rows: copies.reduce((sum, { versions }) => sum + versions.length, 0),
      hash: copies.map(({ hash, versions }) => `${hash}x${versions.length}`).join(),
      versions: copies.map(({ hash, versions }) => `${hash}@${versions.toSorted().join('+')}`).join(),
    }
  }
}

type Change = { readonly delete: number } | { readonly insert: number }

export interface BagWorld {
  readonly random: (below: number) => number
  readonly source: Bag
  readonly target: Bag
  /** One transaction each. */
  readonly log: (readonly Change[])[]
  applied: number
  /** Values that are written now and then. */
  readonly hot: number
  /** By value, how many copies the target has too many; below 0: too few. */
  readonly broken: ReadonlyMap<number, number>
}

export function makeBags(options: { seed: number; rows: number; broken: number; hot: number }): BagWorld {
  const random = randomFrom(options.seed)
  const [source, target] = [new Bag(), new Bag()]
  // The first are hot; of the others there are one to three copies each.
  for (let n = 0; n < options.rows; n += 1)
    for (const bag of [source, target]) bag.insert(n < 20 ? n % Math.max(1, options.hot) : 100 + Math.floor(n / 2))
  const broken = new Map<number, number>()
  for (let n = 0; n < options.broken; n += 1) {
    const value = 100 + random(options.rows)
    const by = random(2) === 0 ? 1 + random(2) : -1
    if (by > 0) for (let k = 0; k < by; k += 1) target.insert(value)
    else if (!target.delete(value, random)) continue
    broken.set(value, (broken.get(value) ?? 0) + by)
  }
  for (const [value, by] of broken) if (by === 0) broken.delete(value)
  return { random, source, target, log: [], applied: 0, hot: options.hot, broken }
}

function tick(world: BagWorld): void {
  const { random, source, log, hot } = world
  for (let n = hot === 0 ? 0 : random(3); n > 0; n -= 1) {
    const [old, value] = [random(hot), random(hot)]
    const changes: Change[] = []
    if (random(3) > 0 && source.delete(old, random)) changes.push({ delete: old })
    if (random(3) > 0) {
      source.insert(value)
      changes.push({ insert: value })
    }
    log.push(changes)
  }
  replicate(world, world.applied + random(4))
}

function replicate(world: BagWorld, upTo: number): void {
  for (; world.applied < Math.min(upTo, world.log.length); world.applied += 1)
    for (const change of world.log[world.applied] ?? [])
      if ('insert' in change) world.target.insert(change.insert)
      else world.target.delete(change.delete, world.random)
}

/** What a driver would do, with the world going on between any two reads. */
export function answerOfBags(ask: Ask, world: BagWorld): CompareEvent {
  const read = <T>(side: 'source' | 'target', from: (bag: Bag) => T): T => {
    tick(world)
    return from(world[side])
  }
  const wait = { reached: true, ms: 0 } as const
  const fence = (): typeof wait => {
    const upTo = world.log.length
    tick(world)
    replicate(world, upTo)
    return wait
  }
  const reads = <T>(from: (bag: Bag) => T) => {
    const before = read('source', from)
    fence()
    return { before, target: read('target', from), after: read('source', from) }
  }
  if (world.random(12) === 0) return { type: 'failed', refusal: 'again', detail: '57014', remedy: '' }
  switch (ask.do) {
    case 'buckets': {
      const digests = (bag: Bag): Digest[] =>
        bucketsIn(ask.range, ask.of).map((bucket) => bag.digest({ ...ask.range, bucket }))
      return { type: 'buckets', source: read('source', digests), target: read('target', digests) }
    }
    case 'fence':
      return { type: 'fence', wait: fence() }
    case 'settle-copies':
      return { type: 'settle-copies', wait, reads: reads((bag) => bag.read(ask.range)) }
    case 'settle-range':
      return { type: 'settle-range', wait, round: reads((bag) => bag.digest(ask.range)) }
  }
  throw new Error(`rows without a key were asked for ${ask.do}`)
}
