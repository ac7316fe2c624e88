import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Postmortem } from './postmortem.ts'
import { readPostmortem, sizeLimit } from './read.ts'

const read = (text: string): Postmortem => readPostmortem(text, 'x.md')

test('what is too large or no text is refused with exit 2', () => {
  expect(() => read('a'.repeat(sizeLimit + 1))).toThrow(
    expect.objectContaining({ code: 'postmortem-too-large', exit: 2 }),
  )
  expect(() => read('P\0o\0s\0t\0')).toThrow(expect.objectContaining({ code: 'postmortem-not-text', exit: 2 }))
})

test.each([
  ['one line of a megabyte', 'a'.repeat(sizeLimit)],
  ['quotes in quotes', '>'.repeat(10_000).concat('\n').repeat(100)],
  ['lists in lists', '- '.repeat(10).concat('10:00 a\n').repeat(35_000)],
  ['a list that is ever deeper', Array.from({ length: 1_000 }, (_, depth) => `${' '.repeat(depth)}- a`).join('\n')],
  ['a table of a megabyte', '| 10:00 | a | b |\n'.repeat(58_000)],
  [
    'a time line of a megabyte',
    `## Timeline\n${'- 10:00 AM UTC, 5 March 2024: network load assumed\n'.repeat(20_000)}`,
  ],
  ['measures of a megabyte', `## Action items\n${'- a (guard: check:a/b)\n b\n'.repeat(40_000)}`],
  ['one measure of a megabyte', `## Action items\n- a\n${' (guard: a '.repeat(150)}\n`.repeat(500)],
  ['times without end', `## Duration: ${'10:00 5 May 2024 UTC '.repeat(49_000)}`],
  ['brackets', '['.repeat(sizeLimit)],
  ['comments that never end', '<!-- '.repeat(200_000)],
  ['HTML', '<script>alert(1)</script>\n'.repeat(40_000)],
  ['headings', '# a\n'.repeat(250_000)],
  ['dates that are none', '99/99/9999 77:88 AM 0th\n'.repeat(40_000)],
])('%s is read in bounded time', (_, text) => {
  const begun = performance.now()
  const { title, notes } = read(text.slice(0, sizeLimit))
  expect(title).not.toBe('')
  expect(notes.length).toBeLessThanOrEqual(101)
  // A second on an idle core; the rest is for a busy one.
  expect(performance.now() - begun).toBeLessThan(20_000)
})

test('any text gives a postmortem with a title, and never another error', () => {
  const pieces = fc.constantFrom(
    '# ',
    '- ',
    '10:00 AM',
    'UTC',
    '5 May 2024',
    'Timeline:',
    'Duration: ',
    '\n',
    ' to ',
    '---\n',
    '[',
    '(guard: ',
    'gate:a/b)',
    '|',
    '```',
  )
  const text = fc.array(fc.oneof(pieces, fc.string())).map((parts) => parts.join(' '))
  const titled = fc.property(text, (sample) => sample.includes('\0') || read(sample).title !== '')
  expect(fc.check(titled, { numRuns: 500 })).toMatchObject({ failed: false })
})
