import { expect, test } from 'vitest'
import { markdownDetails, markdownTable, plainMarkdown } from './markdown.ts'

test('what a server says is shown as it stands, in one cell', () => {
  expect(plainMarkdown('a|b *c* _d_ `e` <script>\n next & [x](y)')).toBe(
    'a\\|b \\*c\\* \\_d\\_ \\`e\\` &lt;script&gt;<br>next &amp; \\[x\\](y)',
  )
  expect(plainMarkdown('postgres://app:hunter2@db1/auth')).toBe('postgres://app:\\*\\*\\*@db1/auth')
})

test('tables and folds are lines of their own', () => {
  expect(markdownTable(['a', 'b'], [['1', '2']])).toEqual(['| a | b |', '|---|---|', '| 1 | 2 |'])
  expect(markdownDetails('more', ['- x'])).toEqual([
    '<details>',
    '<summary>more</summary>',
    '',
    '- x',
    '',
    '</details>',
  ])
})
