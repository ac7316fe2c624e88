import { wrongRows } from '../../bench/repair/wrong-rows.ts'
import type { Measured } from './parts.ts'

export const asked = { tableRows: 1_000_000, runs: 3, rowsMs: 5_000, tableMs: 60_000 } as const

/** Both commands of a repair as processes, from start to exit. */
interface Typed {
  readonly planMs: number
  readonly applyMs: number
  /** The servers themselves hold the same rows afterwards, and the right ones. */
  readonly isEqual: boolean
}

export type RowsRepaired = Typed

export interface Rebuilt extends Typed {
  /** By a publication for all tables. */
  readonly isPublished: boolean
  readonly size: string
  readonly steps: readonly { readonly kind: string; readonly tookMs: number }[]
  /** How long the swap held its lock, as it says itself. */
  readonly heldMs: number
  /** The longest that a writer of the table waited for one row, and how many it wrote. */
  readonly waitedMs: number
  readonly writes: number
}

export function repairTable(written: readonly RowsRepaired[], rebuilt: readonly Rebuilt[], rows: number): Measured {
  const worst = written.reduce((slowest, each) => (inAll(each) > inAll(slowest) ? each : slowest), {
    planMs: 0,
    applyMs: 0,
    isEqual: true,
  })
  const isEqual = written.length > 0 && written.every((each) => each.isEqual)
  const lines = [
    lineOf(
      `${wrongRows.toLocaleString('en')} rows of a subscriber, the slowest of ${written.length} runs`,
      { ...worst, isEqual },
      '–',
      asked.rowsMs,
    ),
    ...rebuilt.map((each) =>
      lineOf(
        `a table of ${rows.toLocaleString('en')} rows (${each.size}) with three damaged pages${each.isPublished ? ', under a publication for all tables' : ''}`,
        each,
        seconds(each.waitedMs),
        asked.tableMs,
      ),
    ),
  ]
  return {
    header: ['what', 'plan, s', 'apply, s', 'both, s', 'longest that a writer waited, s', 'equal', 'asked, s', ''],
    rows: lines.map(({ cells, met }) => [...cells, met ? 'met' : '**missed**']),
    notes: [
      `\`antemortem verify --repair plan\` and \`apply\`, \`antemortem integrity --repair plan\` and \`apply\` as a person types them, from the start of the process to its exit; apply includes the proof on both nodes. What is asked is asked of both commands together${rows < asked.tableRows ? '; a try, with fewer rows than asked' : ''}. Equal: asked of the servers themselves when the commands were through.`,
      `Of ten thousand users on the subscriber eight hundred had another password, a hundred were gone, and a hundred were there whom the publisher never had. All runs, plan and apply: ${written.map(({ planMs, applyMs }) => `${seconds(planMs)} + ${seconds(applyMs)} s`).join(', ')}.`,
      ...rebuilt.map(
        (each) =>
          `Table${each.isPublished ? ' under a publication for all tables' : ''}: ${each.steps.map(({ kind, tookMs }) => `${kind} ${seconds(tookMs)} s`).join(', ')}. The swap held its lock for ${seconds(each.heldMs)} s; an application that wrote other rows of the table all the while (${each.writes} writes) waited ${seconds(each.waitedMs)} s for one of them at most.`,
      ),
      'The damage is two pages with other bytes than were written, and one of zeros, which neither checksums nor amcheck see. Planning looks at every table of every node, amcheck included.',
    ],
    met: lines.every(({ met }) => met),
  }
}

function lineOf(
  what: string,
  typed: Typed,
  waited: string,
  mostMs: number,
): { readonly cells: readonly string[]; readonly met: boolean } {
  const { planMs, applyMs, isEqual } = typed
  return {
    cells: [
      what,
      seconds(planMs),
      seconds(applyMs),
      seconds(inAll(typed)),
      waited,
      isEqual ? 'yes' : '**no**',
      `≤ ${mostMs / 1000}`,
    ],
    met: isEqual && inAll(typed) <= mostMs,
  }
}

const inAll = ({ planMs, applyMs }: Typed): number => planMs + applyMs
const seconds = (ms: number): string => (ms / 1000).toFixed(1)
