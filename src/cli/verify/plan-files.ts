import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AntemortemError } from '../../core/error.ts'
import { canonicalJson } from '../../core/json.ts'
import type { Plan } from '../../core/plan.ts'
import { readPlanFile, writePrivate } from '../../repair/rows/files.ts'
import { notesOf, sequencesBehind } from '../../repair/rows/notes.ts'
import { fingerprintOf, type RowsPlan } from '../../repair/rows/plan.ts'
import { planSql } from '../../repair/rows/sql-text.ts'
import { shownTable } from '../../repair/names.ts'
import { firing } from '../../repair/rows/writing.ts'
import { planJson, planOf, planShape } from '../../shapes/plan.ts'
import type { Store } from '../../store/store.ts'

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What a person or a program may want to know of a plan: rows with both images, what a write sets off, what stays. */
function repairJson(repair: RowsPlan) {
  const { plan, direction, target, tables, leftOut } = repair
  return {
    plan: planJson(plan),
    direction,
    tables: tables.map((rows) => ({
      table: shownTable(rows),
      rows: rows.rows.map(({ key, from, to }) => ({ key, now: from, planned: to })),
      triggers: firing(rows.look?.triggers ?? [], target.mayReplicate),
      foreign_keys: rows.look?.foreignKeys ?? [],
      sequences: sequencesBehind(rows),
      published_by: rows.look?.publications.map(({ name }) => name) ?? [],
    })),
    replication_origin: target.mayOriginate,
    session_replication_role: target.mayReplicate ? 'replica' : 'origin',
    left_out: leftOut,
    notes: notesOf(repair),
  }
}

/** Writes `ID.json` and `ID.sql`, for their owner only; returns their names. */
export function writePlanFiles(directory: string, repair: RowsPlan): readonly string[] {
  const files = [join(directory, `${repair.plan.id}.json`), join(directory, `${repair.plan.id}.sql`)] as const
  writePrivate(files[0], `${JSON.stringify(repairJson(repair), null, 2)}\n`)
  writePrivate(files[1], planSql(repair))
  return files
}

/** Of a plan that has no rows of its own to show. */
export function writePlan(directory: string, plan: Plan): readonly string[] {
  const file = join(directory, `${plan.id}.json`)
  writePrivate(file, `${JSON.stringify({ plan: planJson(plan) }, null, 2)}\n`)
  return [file]
}

/** A plan by its id in the store, or by its file: one that was made on another host, or whose store was lost. */
export async function planNamed(store: Store, name: string): Promise<Plan> {
  const known = await store.plan(name)
  if (known) return known
  if (!existsSync(name)) throw unknown(name)
  const plan = planIn(name)
  const stored = await store.plan(plan.id)
  const isOurs = stored
    ? canonicalJson(stored) === canonicalJson(plan)
    : plan.basis.fingerprint === fingerprintOf(plan.steps, digest)
  if (isOurs) return plan
  throw new AntemortemError(
    'plan-changed',
    `${name} is not the plan ${plan.id} as it was made: somebody has changed it`,
    'Make the plan again, with --table for what is to be repaired.',
    { exit: 2 },
  )
}

function planIn(file: string): Plan {
  try {
    const read = planShape.safeParse(Reflect.get(Object(readPlanFile(file)), 'plan'))
    if (read.success) return planOf(read.data)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new AntemortemError(
    'plan-invalid',
    `${file} holds no plan`,
    'Name an id or a file that a plan was written to.',
    {
      exit: 2,
    },
  )
}

const unknown = (name: string): AntemortemError =>
  new AntemortemError('plan-unknown', `there is no plan '${name.slice(0, 80)}'`, 'antemortem mend list shows them.', {
    exit: 2,
  })
