import type { Blindness } from '../core/observation.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { missingGrants } from '../engines/postgres/rows/privilege.ts'
import type { Pair } from './fence.ts'
import { takeFence, waitFence } from './fence.ts'
import { presence } from './prepare.ts'
import { refusalOf, remedyOf, wordsOf, type Refusal } from './refusal.ts'
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
  const refusal = refusalOf(error)
  const grants = refusal === 'forbidden' ? await grantWords(question) : ''
  const remedy = grants === '' ? remedyOf(error, schema, table) : grants
  if (refusal !== 'absent')
    return answer(touched, { verdict: 'unverifiable', detail: wordsOf(error), remedy, why: whyOf(refusal, error) })
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
    : answer(touched, { verdict: 'unverifiable', detail: 'it is being created or dropped', why: 'timed-out' })
}

function whyOf(refusal: Refusal, { failure }: ReadFailed): Blindness {
  if (refusal === 'forbidden') return 'no-privilege'
  if (refusal === 'again') return 'timed-out'
  return refusal === 'unreadable' ? failure.why : 'not-comparable'
}

/** What the reading role lacks on both nodes, as orders. A standby has its roles and grants from its source. */
async function grantWords(question: TouchedQuestion): Promise<string> {
  const { pair, signal } = question
  const readers = pair.follows.kind === 'physical' ? [pair.source] : [pair.source, pair.target]
  const orders: string[] = []
  for (const reader of readers) {
    try {
      const missing = await missingGrants(reader, question, signal)
      if (missing.length > 0) orders.push(`On ${reader.name}: ${missing.join(' ')}`)
    } catch (error) {
      // That node cannot be asked now: the order for the other one still helps.
      if (!(error instanceof ReadFailed)) throw error
    }
  }
  return orders.join(' ')
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
