import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { causes } from '../../diagnosis/causes.generated.ts'
import { checks } from '../../checks/list.generated.ts'
import { consequences } from './consequences.ts'
import { wrapRules } from './rules.generated.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/gate-wrap.md'), 'utf8')

test('the page lists every rule with its severity and question', () => {
  const rows = [...page.matchAll(/^\| `([a-z]+\/[a-z-]+)` \| (\w+) \| (.+) \|$/gm)].map(([, ...cells]) => cells)
  // What check finds has names of its own.
  const named = wrapRules.filter(({ id }) => id !== 'check/new-finding')
  expect(rows).toEqual(named.map(({ id, severity, question }) => [id, severity, question]))
})

test('every consequence is a cause, and every check that has one is a check', () => {
  const known = new Set(causes.map(({ id }) => id))
  const named = [...wrapRules.map(({ consequence }) => consequence), ...Object.values(consequences)]
  expect(named.filter((id) => !known.has(id))).toEqual([])
  const ids = new Set(checks.map(({ id }) => id))
  expect(Object.keys(consequences).filter((id) => !ids.has(id))).toEqual([])
})
