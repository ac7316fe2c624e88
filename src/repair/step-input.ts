import type { Step } from '../core/plan.ts'
import type { PublishTable } from './plan.ts'
import type { Diagnosed } from './why-not.ts'

/** What a step of `publish-table` is about; a step without it is a bug of ours. */
export function inputOf(step: Step): PublishTable & Diagnosed {
  const text = (key: string): string => {
    const value = step.input[key]
    if (typeof value !== 'string') throw new Error(`step ${step.kind} has no ${key}`)
    return value
  }
  const textOrNull = (key: string): string | null => (typeof step.input[key] === 'string' ? text(key) : null)
  return {
    schema: text('schema'),
    table: text('table'),
    publication: text('publication'),
    subscription: text('subscription'),
    publisher: text('publisher'),
    subscriber: text('subscriber'),
    publisherServer: textOrNull('publisher_server'),
    subscriberServer: textOrNull('subscriber_server'),
  }
}
