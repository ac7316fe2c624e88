import { setTimeout as sleep } from 'node:timers/promises'
import { AntemortemError } from '../core/error.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { takeFence, waitFence } from './fence.ts'
import type { Judgement, Round } from './judge.ts'
import { judge } from './judge.ts'
import type { SelfTests } from './prepare.ts'
import { assertAlike, isThere } from './prepare.ts'
import { refusalOf } from './refusal.ts'
import type { TouchedAnswer, TouchedQuestion } from './touched-answer.ts'
import { answer, equal } from './touched-answer.ts'
import { afterFailure } from './touched-failure.ts'
import { byRows } from './touched-rows.ts'
import { TouchedTable } from './touched-table.ts'

export type { TouchedAnswer, TouchedQuestion } from './touched-answer.ts'

const limits = {
  rounds: {
    default: 3,
    unit: 'rounds',
    why: 'one more than prove a difference; what is written all the time goes by rows',
  },
  retries: { default: 3, unit: 'times', why: 'a recovery conflict or a lock ends within a second, or stays' },
  pauseMs: { default: 100, unit: 'ms', why: 'doubled after each' },
} as const

/** Compares touched tables again and again; keeps what it has learnt of them between two comparisons. */
export class TouchedComparer {
  readonly #tables = new Map<string, TouchedTable>()
  readonly #selfTests: SelfTests = new Map()

  /** One statement a node while both are equal. Rejects only when aborted. */
  async compare(question: TouchedQuestion): Promise<TouchedAnswer> {
    const { pair, schema, table } = question
    const key = JSON.stringify([
      pair.source.name,
      pair.target.name,
      schema,
      table,
      question.columns,
      question.rowFilter,
    ])
    const touched = this.#tables.get(key)?.on(pair) ?? new TouchedTable(question)
    this.#tables.set(key, touched)
    for (let tries = 0; ; tries += 1) {
      try {
        await assertAlike(pair, this.#selfTests, question.signal)
        return await compareOnce(touched, question)
      } catch (error) {
        question.signal.throwIfAborted()
        if (error instanceof AntemortemError)
          return answer(touched, { verdict: 'unverifiable', detail: error.message, remedy: error.hint })
        if (!(error instanceof ReadFailed)) throw error
        const refusal = refusalOf(error)
        touched.failed(error.node, refusal)
        const temporary =
          refusal === 'again' ||
          refusal === 'reshaped' ||
          (refusal === 'absent' && (await isThere(pair, question, question.signal)))
        if (!temporary || tries === limits.retries.default) return afterFailure(touched, question, error)
        await sleep(limits.pauseMs.default * 2 ** tries, undefined, { signal: question.signal })
      }
    }
  }
}

async function compareOnce(touched: TouchedTable, question: TouchedQuestion): Promise<TouchedAnswer> {
  const { pair, signal } = question
  const looks = await touched.lookAtBoth(question.maxRows, signal)
  if (looks === null)
    return answer(touched, {
      verdict: 'unverifiable',
      detail: `it has more than ${question.maxRows} rows and no key to take its newest rows by`,
      remedy: `On ${pair.source.name}: give ${question.schema}.${question.table} a primary key, or a unique index over columns that are not null.`,
    })
  if (looks.source.hash === looks.target.hash) return equal(touched)
  const copying = await touched.copying(signal)
  if (copying !== null) return answer(touched, { verdict: 'lagging', detail: copying })

  const rounds: Round[] = []
  let judgement: Judgement = 'again'
  let before = await touched.lookAtSource(signal)
  while (judgement === 'again' && rounds.length < limits.rounds.default) {
    const fence = await takeFence(pair.source, signal)
    const wait = await waitFence(pair, fence, { ...question.fence, signal })
    if (!wait.reached) return answer(touched, { verdict: 'lagging', detail: wait.why })
    const target = await touched.lookAtTarget(signal)
    const after = await touched.lookAtSource(signal)
    rounds.push({ before, target, after })
    judgement = judge(rounds)
    before = after
  }
  if (judgement === 'equal') return equal(touched)
  if (judgement === 'again') return byRows(touched, question)
  return answer(touched, { verdict: 'different', detail: await touched.whyDifferent(signal) })
}
