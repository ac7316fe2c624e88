import { grantsOf } from '../../engines/postgres/act/repair-look.ts'
import { setval } from '../../engines/postgres/act/foreign-keys.ts'
import { shownTable } from '../names.ts'
import { countWords, type RowsPlan } from './plan.ts'
import type { TableRows } from './table-rows.ts'
import { firing, mustReplace } from './writing.ts'

/** A sequence whose next values are in the table already. */
export interface Behind {
  readonly name: string
  readonly column: string
  readonly last: string | null
  readonly greatest: string
}

export const sequencesBehind = ({ look, greatest }: TableRows): readonly Behind[] =>
  (look?.sequences ?? []).flatMap(({ name, column, last }) => {
    const most = greatest[column]
    return most !== undefined && (last === null || BigInt(last) < BigInt(most))
      ? [{ name, column, last, greatest: most }]
      : []
  })

/** What a person should know before the plan is carried out, beside its steps. */
export function notesOf({ direction, target, tables, plan }: RowsPlan): readonly string[] {
  if (plan.steps.length === 0) return []
  const { target: node, source } = direction
  const published = tables.filter(({ look }) => (look?.publications.length ?? 0) > 0)
  const isPrimaryOfPair = direction.subscription === null && node === direction.left
  return [
    `${source} is taken for the truth: rows that only ${node} has are deleted.`,
    target.mayReplicate
      ? `Ordinary triggers and foreign keys do not fire (session_replication_role = replica); the foreign keys are checked afterwards.`
      : `Triggers fire and foreign keys are enforced, because ${target.role} may not switch them off. As a superuser on ${node}: ${grantsOf.replicate(target.role)} (15 and later)`,
    ...tables.flatMap((rows) => tableNotes(rows, target.mayReplicate)),
    ...(published.length === 0
      ? []
      : [
          `${node} publishes ${published.map(shownTable).join(', ')} (${[...new Set(published.flatMap(({ look }) => look?.publications.map(({ name }) => name) ?? []))].join(', ')}): what is written is sent on${target.slots.length > 0 ? ` to the readers of ${target.slots.join(', ')}` : ', though nobody reads there now'}. ${
            target.mayOriginate
              ? 'It is marked with a replication origin: a subscription with origin = none, as between two nodes that follow each other, does not get it.'
              : `It cannot be marked with a replication origin, and would come back where two nodes follow each other. As a superuser on ${node} (14 and later): ${grantsOf.originate(target.role)}`
          }`,
        ]),
    ...(isPrimaryOfPair
      ? [
          `${node} is the primary: a write there can send whole pages over those of ${source}. This plan holds what may be the only other copy of these rows: keep its files.`,
          `Where rows were lost with their pages, ${source} keeps those pages and may show the rows twice afterwards, and indexes of ${node} may still point to where they lay: vacuum full of the table on ${node} writes both anew; the last step says whether it is needed.`,
        ]
      : []),
  ]
}

function tableNotes(rows: TableRows, isReplica: boolean): readonly string[] {
  const { look } = rows
  const name = shownTable(rows)
  if (!look) return []
  const triggers = firing(look.triggers, isReplica)
  const rules = firing(look.rules, isReplica)
  return [
    ...(triggers.length === 0
      ? []
      : [
          `${name}: these triggers fire all the same: ${triggers.map(({ name: trigger, event, calls }) => `${trigger} (${event}, ${calls})`).join(', ')}`,
        ]),
    ...(rules.length === 0 ? [] : [`${name}: these rules apply: ${rules.map((rule) => rule.name).join(', ')}`]),
    ...(look.foreignKeys.length === 0
      ? []
      : [
          `${name}: foreign keys concerned: ${look.foreignKeys.map((key) => `${key.name} (${key.childSchema}.${key.child} refers to ${key.parentSchema}.${key.parent})`).join(', ')}`,
        ]),
    ...(mustReplace(rows.rows, look)
      ? [`${name}: changed rows are deleted and inserted again, because an update cannot make them right.`]
      : []),
    ...(rows.healed > 0 ? [`${name}: ${rows.healed} of the rows that were listed are equal by now.`] : []),
    ...sequencesBehind(rows).map(
      ({ name: sequence, column, last, greatest }) =>
        `${name}: sequence ${sequence} of column ${column} is at ${last ?? 'its start'}, and ${greatest} is in use: before anybody inserts there, ${setval(sequence, greatest)}`,
    ),
  ]
}

/** One line a table: `public.users: change 2 rows`. */
export const summaryOf = ({ tables }: RowsPlan): readonly string[] =>
  tables.map((rows) => `${shownTable(rows)}: ${countWords(rows.rows)}`)
