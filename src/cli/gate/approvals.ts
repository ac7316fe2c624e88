import { AntemortemError } from '../../core/error.ts'
import type { Plan } from '../../core/plan.ts'
import { approve, approvedPlan } from '../../gate/apply/approval.ts'
import { planKind } from '../../gate/apply/plan.ts'
import { writePrivate } from '../../repair/rows/files.ts'
import { planJson, planOf, planShape } from '../../shapes/plan.ts'
import { readJsonFile, readTextFile } from '../read-text.ts'

const keyLimits = { mostBytes: 16_384, what: 'key', hint: 'Name a file with an Ed25519 key in PEM.' }
const planLimits = {
  mostBytes: 64 * 1024 * 1024,
  what: 'plan',
  hint: 'Name a file that --approve has written.',
}
const validForMs = 24 * 3_600_000

/** Signs a plan, which then holds for a day, into a file. */
export function writeApproval(file: string, plan: Plan, key: string): void {
  const nowMs = Date.now()
  const lasting = { ...plan, basis: { ...plan.basis, expiresMs: nowMs + validForMs } }
  const approval = approve(planJson(lasting), new Date(nowMs).toISOString(), key)
  writePrivate(file, `${JSON.stringify(approval, null, 2)}\n`)
}

/** The plan in a file, if the owner of the key has signed it as it stands there. */
export function readApproved(file: string, key: string | null): Plan {
  const signed = approvedPlan(readJsonFile(file, planLimits), pemOf(key, 'public'))
  const read = planShape.safeParse(signed)
  if (read.success && read.data.kind === planKind) return planOf(read.data)
  throw new AntemortemError('plan-invalid', `${file} holds no plan of a change`, planLimits.hint, { exit: 2 })
}

/** Before anything is rehearsed: it would be in vain. */
export const signingKey = (source: string | null): string => pemOf(source, 'private')

/** The key itself never stands on a command line. */
function pemOf(source: string | null, which: 'private' | 'public'): string {
  if (source?.startsWith('file:')) return readTextFile(source.slice('file:'.length), keyLimits)
  const value = source?.startsWith('env:') ? process.env[source.slice('env:'.length)] : undefined
  if (value !== undefined && value !== '') return value
  throw new AntemortemError(
    'key-missing',
    source === null ? `the ${which} key is not given` : `there is no key at ${source.slice(0, 80)}`,
    `Give it with --key env:NAME or --key file:PATH.`,
    { exit: 2 },
  )
}
