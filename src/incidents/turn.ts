import type { EventBody } from '../core/event.ts'
import { absorb, currentOf } from './absorb.ts'
import type { Decisions } from './absorb.ts'
import type { Incident } from './incident.ts'
import { transitionOf } from './transitions.ts'

/** One turn's events, each absorbed as it is emitted: what the machine does not allow does not come into being. */
export class Turn {
  readonly events: EventBody[] = []
  readonly atMs: number
  readonly #cluster: string
  #state: Decisions

  constructor(state: Decisions, cluster: string, atMs: number) {
    this.#state = state
    this.#cluster = cluster
    this.atMs = atMs
  }

  get state(): Decisions {
    return this.#state
  }

  get current(): Incident | null {
    return currentOf(this.#state)
  }

  /** The current one first: what was merged into it hangs on both. */
  get incidents(): readonly Incident[] {
    const { current } = this
    const others = Object.values(this.#state.incidents).filter((incident) => incident !== current)
    return current ? [current, ...others] : others
  }

  set(more: Partial<Pick<Decisions, 'clearSinceMs' | 'doubtSinceMs' | 'suspected'>>): void {
    this.#state = { ...this.#state, ...more }
  }

  /** false: the machine does not allow it where the incident stands. */
  emit(body: EventBody): boolean {
    if (!this.#allowed(body)) return false
    this.events.push(body)
    this.#state = absorb(this.#state, { ...body, atMs: this.atMs, cluster: this.#cluster })
    return true
  }

  #allowed(body: EventBody): boolean {
    if (!('incident' in body) || body.incident === undefined) return true
    if (body.type === 'finding.opened' || body.type === 'finding.closed') return true
    return transitionOf(this.#state.incidents[body.incident]?.state ?? null, body.type) !== undefined
  }
}
