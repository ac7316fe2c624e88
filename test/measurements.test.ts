import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { digestOf, parts, unmeasured, withoutSections, withSection } from '../script/measuring/parts.ts'

const root = resolve(import.meta.dirname, '..')
const page = readFileSync(resolve(root, 'docs/measurements.md'), 'utf8')

// How long the tests take speaks of all sources: it is measured in a clone, and cannot know itself.
test.each(parts.filter(({ speaksOf }) => speaksOf.length > 0))(
  'the figures of $name are of the code that is here',
  ({ name, speaksOf }) => {
    const measured = new RegExp(`<!-- measured:${name} sources:([0-9a-f]+) -->`).exec(page)?.[1] ?? null
    const isNamed = unmeasured(page).includes(name)
    const what = measured === null ? 'has no section' : 'has old figures in its section'
    const fresh = digestOf(root, speaksOf)
    const isTrue = isNamed ? measured === null : measured === fresh
    expect(isTrue, `docs/measurements.md ${what} ${name}: run script/measure ${name}`).toBe(true)
  },
)

test('a section is replaced by its next self, and the others stay', () => {
  const first = withSection('# Page\n', 'a', '<!-- measured:a sources:1 -->\nx\n<!-- /measured:a -->')
  const both = withSection(first, 'b', '<!-- measured:b sources:1 -->\ny\n<!-- /measured:b -->')
  expect(withSection(both, 'a', '<!-- measured:a sources:2 -->\nz\n<!-- /measured:a -->')).toBe(
    both.replace('sources:1 -->\nx', 'sources:2 -->\nz'),
  )
})

test('a part without figures for this code is named, until it is measured', () => {
  const section = '<!-- measured:a sources:1 -->\nx\n<!-- /measured:a -->'
  const page = withSection('# Page\n', 'a', section)
  const without = withoutSections(page, ['a', 'b'])
  expect(without).toBe('# Page\n\nNot measured for this code: `a`, `b`.\n')
  const again = withSection(without, 'a', section)
  expect(unmeasured(again)).toEqual(['b'])
  expect(again).toContain(section)
  expect(withSection(again, 'b', section.replaceAll(':a', ':b'))).not.toContain('Not measured')
})
