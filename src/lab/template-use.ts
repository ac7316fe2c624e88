import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AntemortemError } from '../core/error.ts'
import type { LabState } from './lab-state.ts'
import { readTemplate, type Template } from './template.ts'

/** A lab is put back from its template: the mark says that it must not be cleared away. */
const mark = (state: LabState): string =>
  join(state.template, `user-${createHash('sha256').update(state.dir).digest('hex').slice(0, 16)}`)

export function use(state: LabState): void {
  writeFileSync(mark(state), state.dir, { mode: 0o600 })
}

export function release(state: LabState): void {
  rmSync(mark(state), { force: true })
}

export function templateOfLab(state: LabState): Template {
  const template = readTemplate(state.template)
  if (template !== null) return template
  throw new AntemortemError(
    'lab-template-gone',
    `the lab in ${state.dir} cannot be put back: its template ${state.template} was removed`,
    'Stop it and start a new one.',
  )
}
