import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Plan } from '../core/plan.ts'
import { standing } from '../store/standing.ts'
import type { Store } from '../store/store.ts'
import { memoryStore, standingClock } from '../store/testing/scratch.ts'
import { carryOut, resume } from './carry-out.ts'
import type { Doer, PlanDeps } from './doer.ts'
import { collect, linePlan } from './testing/lines.ts'
import { undoOf } from './undo-of.ts'

const ttlMs = 1_000

/** A world that dies at chosen moments: from then on nothing reaches it, not even the release of the lease. */
class World {
  readonly lines: string[] = []
  readonly clock: ReturnType<typeof standingClock>
  dead = false
  readonly #store: Store
  #moment = 0
  readonly #deaths: ReadonlySet<number>
  readonly #broken: (text: string) => boolean

  constructor(clock: World['clock'], store: Store, deaths: readonly number[], broken: (text: string) => boolean) {
    this.clock = clock
    this.#store = store
    this.#deaths = new Set(deaths)
    this.#broken = broken
  }

  alive(): void {
    this.#moment += 1
    if (this.#deaths.has(this.#moment)) this.dead = true
    if (this.dead) throw new Error('dead')
  }

  get doer(): Doer {
    return {
      kind: 'line',
      do: async (step) => {
        this.alive()
        const text = String(step.input['text'])
        if (this.#broken(text)) throw new Error('broken')
        this.lines.push(text)
        this.alive()
        return { text }
      },
      probe: async (step) => {
        this.alive()
        return this.lines.includes(String(step.input['text'])) ? 'done' : 'not-done'
      },
    }
  }

  get deps(): PlanDeps {
    const store: Store = {
      ...this.#store,
      journalAppend: async (lease, ...entries) => {
        this.alive()
        await this.#store.journalAppend(lease, ...entries)
        this.alive()
      },
      releaseLease: async (lease) => {
        if (!this.dead) await this.#store.releaseLease(lease)
      },
    }
    return { store, clock: this.clock, leaseTtlMs: ttlMs }
  }

  /** Carries the plan out, and resumes it after each death, until it ends by itself. */
  async untilItEnds(plan: Plan): Promise<void> {
    for (;;) {
      const begun = (await this.#store.journal(plan.id)).length > 0
      const run = begun ? resume(plan.id, [this.doer], this.deps) : carryOut(plan, [this.doer], this.deps)
      const ended = await collect(run).then(
        () => true,
        (error: unknown) => this.dead || Promise.reject(error as Error),
      )
      if (ended && !this.dead) return
      this.dead = false
      this.clock.move(ttlMs)
    }
  }
}

const deaths = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 12 })
const forGood = fc.uniqueArray(fc.integer({ min: 1, max: 5 }))

const idle: Doer = { kind: 'line', do: () => Promise.resolve({}), probe: () => Promise.resolve('not-done') }

test('whenever it dies, each step is done once and in order; then what can be taken back is, once and in reverse', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      forGood,
      deaths,
      fc.option(fc.integer({ min: 1, max: 5 })),
      async (count, kept, deaths, broken) => {
        const clock = standingClock()
        await using store = await memoryStore(clock)
        const world = new World(clock, store, deaths, (text) => text === `do ${broken}`)
        const plan = linePlan(count, kept)
        const breaks = broken !== null && broken <= count
        const reached = Array.from({ length: breaks ? broken - 1 : count }, (_, index) => index + 1)

        await world.untilItEnds(plan)
        expect(world.lines).toEqual(reached.map((n) => `do ${n}`))
        expect(standing(plan, await store.journal(plan.id))).toBe(breaks ? (broken === 1 ? 'undone' : 'open') : 'done')

        const undo = undoOf(plan, await store.journal(plan.id))
        const back = reached.toReversed().filter((n) => !kept.includes(n))
        expect(undo.steps.map(({ n }) => n)).toEqual(back)
        expect(undo.notUndone?.map(({ n }) => n)).toEqual(reached.toReversed().filter((n) => kept.includes(n)))
        await world.untilItEnds(undo)
        expect(world.lines.slice(reached.length)).toEqual(back.map((n) => `undo ${n}`))

        const again = undoOf(plan, await store.journal(plan.id))
        expect(again.steps).toEqual([])
        const resumable = await collect(resume(plan.id, [idle], { store, clock })).then(
          () => true,
          () => false,
        )
        expect(resumable).toBe(back.length === 0)
      },
    ),
    { numRuns: 120 },
  )
})
