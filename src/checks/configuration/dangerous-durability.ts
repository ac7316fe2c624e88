import { defineCheck } from '../../core/check.ts'
import type { Severity } from '../../core/severity.ts'
import { alterSystem } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

interface Danger {
  readonly name: string
  readonly when: string
  readonly safe: string
  readonly severity: Severity
  readonly why: string
}

const dangers: readonly Danger[] = [
  { name: 'fsync', when: 'off', safe: 'on', severity: 'error', why: 'a crash of its host can destroy all of it' },
  {
    name: 'full_page_writes',
    when: 'off',
    safe: 'on',
    severity: 'error',
    why: 'a crash of its host can tear pages for good',
  },
  {
    name: 'zero_damaged_pages',
    when: 'on',
    safe: 'off',
    severity: 'error',
    why: 'a damaged page is emptied when it is read',
  },
  {
    name: 'ignore_checksum_failure',
    when: 'on',
    safe: 'off',
    severity: 'error',
    why: 'damaged pages are read as if they were well',
  },
  { name: 'ignore_invalid_pages', when: 'on', safe: 'off', severity: 'error', why: 'recovery passes over damage' },
  { name: 'ignore_system_indexes', when: 'on', safe: 'off', severity: 'warning', why: 'a means of repair was left on' },
  {
    name: 'synchronous_commit',
    when: 'off',
    safe: 'on',
    severity: 'warning',
    why: 'a crash loses the last commits, which clients were told are kept',
  },
]

/** A benchmark's settings, or a repair's, that were left behind: they cost nothing until the next crash. */
export default defineCheck({
  id: 'configuration/dangerous-durability',
  on: ['postgres'],
  severity: 'error',
  needs: ['settings'],
  question: 'Is each server set so that a crash loses nothing?',
  seeds: [3, 4],
  *run({ nodes }) {
    for (const node of nodes)
      for (const { name, when, safe, severity, why } of dangers)
        if (node.settings[name] === when)
          yield {
            subject: subject.setting(node.name, name),
            node: node.name,
            severity,
            message: `${name} is ${when} on ${node.name}: ${why}`,
            evidence: { name, setting: when },
            remedy:
              name === 'fsync'
                ? `On ${node.name}: ${alterSystem(name, safe)} then on its host: sync, and then: checkpoint;`
                : `On ${node.name}: ${alterSystem(name, safe)}`,
          }
  },
})
