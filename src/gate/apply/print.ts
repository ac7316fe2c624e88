import type { RollbackClass } from '../../core/gate.ts'
import { wrap } from '../../report/wrap.ts'
import { classWords, findingLines, section, type PrintOptions } from '../print.ts'
import type { ApplyReport } from './report.ts'
import type { Proposed } from './prepare.ts'

/** Before anything is done: how far it can be taken back, and by whom. */
export function rollbackLines(
  { rollback, isAutomatic, plan }: Proposed,
  { style, width }: PrintOptions,
): readonly string[] {
  const how = isAutomatic
    ? 'if the tests fail, it is taken back at once'
    : `if the tests fail, it stays, and a person decides: antemortem mend undo ${plan.id} takes back what can be`
  return section('Way back', wrap(`${rollback}: ${classWords[rollback]}; ${how}`, width - 2), style)
}

/** From R2 on somebody has to agree. */
export const needsAgreement = ({ rollback, isAutomatic }: { rollback: RollbackClass; isAutomatic: boolean }): boolean =>
  !(rollback === 'R0' || rollback === 'R1') || !isAutomatic

/** What became of it, for people: the verdict first, then what to do. */
export function printApplied(report: ApplyReport, options: PrintOptions): readonly string[] {
  const { style, width } = options
  return [
    headline(report, options),
    ...report.findings.flatMap((finding) => ['', ...findingLines(finding, options)]),
    ...section(
      'Changed, and not declared',
      report.undeclared.flatMap(({ object, before, after }) =>
        wrap(`${object}: ${before ?? 'nothing'} → ${after ?? 'nothing'}`, width - 2, '  '),
      ),
      style,
    ),
    ...section(
      'Notes',
      report.notes.flatMap((note) => wrap(note, width - 2, '  ')),
      style,
    ),
    ...(report.journal === undefined ? [] : ['', style.faint(`journal: ${report.journal}`)]),
    ...(report.left === null ? [] : ['', ...wrap(report.left, width)]),
  ]
}

function headline(
  { stage, verdict, change, findings, undeclared, left }: ApplyReport,
  { style }: PrintOptions,
): string {
  const name = style.strong(change)
  if (stage === 'rolled-back')
    return undeclared.length === 0 && left === null
      ? `${style.bad('ROLLED BACK')} ${name}: production is as it was before`
      : `${style.bad('ROLLED BACK')} ${name}: and production is not all as it was before`
  if (stage === 'apply') return `${style.bad('FAILED')} ${name}: it is half done`
  if (stage === 'verify' && verdict === 'block')
    return `${style.bad('FAILED')} ${name}: it is applied, and production does not pass its tests`
  if (stage === 'verify' && verdict === 'warn')
    return `${style.warning('WARN')} ${name}: applied and tested, with ${findings.length} warnings`
  if (stage === 'verify') return `${style.good('PASS')} ${name}: applied, and production passes its tests`
  return verdict === 'block'
    ? `${style.bad('BLOCK')} ${name}: it does not pass its rehearsal, and was not applied`
    : `${style.warning('NOT APPLIED')} ${name}`
}
