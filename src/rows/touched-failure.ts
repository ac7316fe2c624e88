import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import type { Pair } from './fence.ts'
import { takeFence, waitFence } from './fence.ts'
import { presence } from './prepare.ts'
import { refusalOf, remedyOf, wordsOf } from './refusal.ts'
import type { TouchedAnswer, TouchedQuestion } from './touched-answer.ts'
import { answer } from './touched-answer.ts'
import type { TouchedTable } from './touched-table.ts'

/** What a failed read says of the table. */
export async function afterFailure(
  touched: TouchedTable,
  question: TouchedQuestion,
  error: ReadFailed,
): Promise<TouchedAnswer> {
  const { pair, schema, table, signal } = question
  const remedy = remedyOf(error, schema, table)
  if (refusalOf(error) !== 'absent') return answer(touched, { verdict: 'unverifiable', detail: wordsOf(error), remedy })
  const { source, target } = await presence(pair, question, signal)
  if (source !== true || target !== false)
    return target === false
      ? answer(touched, { verdict: 'absent', detail: `absent on ${pair.source.name} as well` })
      : answer(touched, { verdict: 'unverifiable', detail: wordsOf(error), remedy })
  // A table made a moment ago is on its way: it is absent only behind a fence.
  const wait = await fenceOrWhy(pair, question)
  if (wait !== null) return answer(touched, { verdict: 'lagging', detail: wait })
  return (await presence(pair, question, signal)).target === false
    ? answer(touched, { verdict: 'absent', detail: null, remedy: `Create ${schema}.${table} on ${pair.target.name}.` })
    : answer(touched, { verdict: 'unverifiable', detail: 'it is being created or dropped' })
}

async function fenceOrWhy(pair: Pair, { fence, signal }: TouchedQuestion): Promise<string | null> {
  try {
    const wait = await waitFence(pair, await takeFence(pair.source, signal), { ...fence, signal })
    return wait.reached ? null : wait.why
  } catch (error) {
    if (error instanceof ReadFailed) return wordsOf(error)
    throw error
  }
}
