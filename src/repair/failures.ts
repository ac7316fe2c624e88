import { AntemortemError } from '../core/error.ts'
import { shown, shownTable } from './names.ts'
import type { PublishTable } from './plan.ts'

/** Why a step failed, in words that stand in its journal. */
const failed = (code: string, message: string, hint: string): AntemortemError =>
  new AntemortemError(code, message, hint, { exit: 4 })

export const notListed = (what: PublishTable): AntemortemError =>
  failed(
    'not-listed',
    `subscription ${shown(what.subscription)} of ${what.subscriber} was refreshed, and does not know ${shownTable(what)}`,
    'Look at which server and which publications it follows.',
  )

export const forgotten = (what: PublishTable): AntemortemError =>
  failed(
    'not-subscribed',
    `subscription ${shown(what.subscription)} of ${what.subscriber} does not know ${shownTable(what)} any more`,
    'Somebody changed it meanwhile: look at pg_subscription_rel.',
  )

export const disabled = (what: PublishTable): AntemortemError =>
  failed(
    'subscription-disabled',
    `subscription ${shown(what.subscription)} of ${what.subscriber} was disabled while its first copy was under way`,
    `The log of ${what.subscriber} says why; enable it, and go on.`,
  )

export const copyFails = (what: PublishTable, failures: number): AntemortemError =>
  failed(
    'copy-fails',
    `the first copy of ${shownTable(what)} does not get on: workers of subscription ${shown(what.subscription)} have failed ${failures} times meanwhile`,
    `The log of ${what.subscriber} says why. It is tried again until the plan is taken back.`,
  )

export const unequal = (what: PublishTable, verdict: string, detail: string | null): AntemortemError =>
  failed(
    'rows-differ',
    `the rows of ${shownTable(what)} on ${what.subscriber} were not seen to be equal to those of ${what.publisher}: ${verdict}${detail === null ? '' : `, ${detail}`}`,
    'The table is carried now. Compare again; if it stays so, look who else writes on the subscriber.',
  )

export const stillCarried = (what: PublishTable): AntemortemError =>
  failed(
    'still-carried',
    `subscription ${shown(what.subscription)} still carries ${shownTable(what)}: its rows are left alone`,
    'Take the table out of its publications first.',
  )

export const rowsLeft = (what: PublishTable, why: string): AntemortemError =>
  failed(
    'rows-left',
    `${shownTable(what)} on ${what.subscriber} keeps its rows: ${why}`,
    `Look at them; then, if nobody needs them: delete from ${shownTable(what)}`,
  )
