import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { JournalEntry, Plan, Step } from '../../core/plan.ts'
import type { Doer } from '../doer.ts'

/** What the steps have done to the world, in order: a step that is repeated shows twice. */
export const linesOf = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []

/** Adds a line to a file, which is the opposite of idempotent. `after` runs between the effect and its acknowledgement. */
export const lineDoer = (file: string, after: (step: Step) => void = () => undefined): Doer => ({
  kind: 'line',
  do(step) {
    appendFileSync(file, `${String(step.input['text'])}\n`)
    after(step)
    return Promise.resolve({ text: String(step.input['text']) })
  },
  probe: (step) => Promise.resolve(linesOf(file).includes(String(step.input['text'])) ? 'done' : 'not-done'),
})

/** A plan of steps that each add one line; those in `forGood` cannot be undone. */
export const linePlan = (count = 4, forGood: readonly number[] = []): Plan => ({
  id: 'p-1',
  kind: 'lines',
  subject: 'reports:public.users',
  cluster: 'auth',
  basis: { fingerprint: 'f', atMs: 0, expiresMs: 1e15 },
  steps: Array.from({ length: count }, (_, index) => {
    const n = index + 1
    const line = (text: string) => ({
      kind: 'line',
      words: `adds ${text}`,
      node: null,
      input: { text },
      deadlineMs: 5_000,
    })
    const undo = forGood.includes(n) ? { none: `line ${n} stays` } : { step: line(`undo ${n}`) }
    return { ...line(`do ${n}`), n, idempotent: 'check-first', undo }
  }),
  refusals: [],
})

/** Every entry, when the plan has ended. */
export async function collect(entries: AsyncIterable<JournalEntry>): Promise<readonly JournalEntry[]> {
  const all: JournalEntry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}
