import type { DrillResult } from '../core/drill.ts'
import type { Login } from './logins.ts'
import type { Symptom } from './scene.ts'

export type Harm = NonNullable<DrillResult['harm']>

const limits = {
  least: { default: 9, unit: 'logins', why: 'each of three instances at each of three nodes once' },
  leastMeant: { default: 3, unit: 'logins', why: 'one failure may be a connection that broke by the way' },
} as const

/** What the application really suffered since a moment, and whether it is what the drill is about. Pure. */
export function measureHarm(logins: readonly Login[], fromMs: number, symptom: Symptom): Harm {
  const after = logins.filter(({ atMs }) => atMs >= fromMs)
  const firstMs = after.find(({ code }) => code !== 'ok')?.atMs ?? fromMs
  // Where nothing should fail, all that was done counts; else what was done since it began to fail.
  const counted = symptom.max === undefined ? after.filter(({ atMs }) => atMs >= firstMs) : after
  const codes: Record<string, number> = {}
  for (const { code } of counted) if (code !== 'ok') codes[code] = (codes[code] ?? 0) + 1
  const failed = Object.values(codes).reduce((sum, count) => sum + count, 0)
  const share = counted.length === 0 ? 0 : Math.round((failed / counted.length) * 1000) / 1000
  const why = whyNot(symptom, { share, codes, total: counted.length })
  return { share, codes, happened: why === null, why }
}

function whyNot(
  { codes, min, max }: Symptom,
  measured: { readonly share: number; readonly codes: Readonly<Record<string, number>>; readonly total: number },
): string | null {
  const { share, total } = measured
  const said = Object.entries(measured.codes)
    .map(([code, count]) => `${code} ${count}`)
    .join(', ')
  if (total < limits.least.default) return `only ${total} logins`
  if (max !== undefined && share > max)
    return `${percent(share)} of the logins failed (${said}), where ${percent(max)} at most should`
  if (min !== undefined && share < min)
    return `${percent(share)} of the logins failed, where ${percent(min)} at least should`
  const meant = codes?.reduce((sum, code) => sum + (measured.codes[code] ?? 0), 0) ?? null
  if (meant !== null && meant < limits.leastMeant.default)
    return `the logins failed with ${said || 'nothing'}, and not with ${codes?.join(' or ') ?? ''}`
  return null
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`
