import { AntemortemError } from '../../core/error.ts'
import type { Shown } from '../../engines/postgres/act/swap/shown.ts'
import { shownTable } from '../names.ts'
import type { RebuildInput } from './step-input.ts'

/** Why a step of a rebuild failed, in words that stand in its journal. The old table is in its place then. */
const failed = (code: string, message: string, hint: string): AntemortemError =>
  new AntemortemError(code, message, hint, { exit: 4 })

export const lagging = (what: RebuildInput, why: string): AntemortemError =>
  failed(
    'lagging',
    `${what.donor} did not show all that ${what.primary} has: ${why}`,
    'Wait until it has caught up, then go on.',
  )

export const stillUnequal = (what: RebuildInput): AntemortemError =>
  failed(
    'rows-differ',
    `the rebuilt rows of ${shownTable(what)} are not those of ${what.donor}, although nobody could write meanwhile`,
    `Look at the indexes of ${shownTable(what)} on ${what.donor}: antemortem integrity.`,
  )

export function wouldBeLost(what: RebuildInput, { onlyHere, otherwise, some }: Shown): AntemortemError {
  const name = shownTable(what)
  return failed(
    'rows-would-be-lost',
    `the damaged ${name} still shows ${onlyHere} rows that ${what.donor} does not have, and ${otherwise} that it has otherwise: ${some ?? ''}. When the plan was made there were ${what.mayGo} and ${what.mayChange}`,
    `Find out which node is right: antemortem verify --table ${name}. Then make the plan again.`,
  )
}

export const writtenSince = (what: RebuildInput): AntemortemError =>
  failed(
    'written-since',
    `rows of ${shownTable(what)} were written since the swap: the damaged table does not have them`,
    `Nothing was changed. ${shownTable({ schema: what.schema, table: what.kept })} is kept until you drop it.`,
  )

export const hashUnknown = (what: RebuildInput): AntemortemError =>
  failed(
    'hash-unknown',
    `what ${shownTable(what)} held when it was swapped was not written down: whether rows were written since, nobody can tell`,
    `Compare it with ${shownTable({ schema: what.schema, table: what.kept })} by hand.`,
  )

export const unequalCopy = (
  name: string,
  node: string,
  source: string,
  verdict: string,
  detail: string | null,
): AntemortemError =>
  failed(
    'rows-differ',
    `the rows of ${name} on ${node} were not seen to be equal to those of ${source}: ${verdict}${detail === null ? '' : `, ${detail}`}`,
    `The swap is done. Compare again: antemortem verify --table ${name}.`,
  )
