import { describe, expect, test } from 'vitest'
import { makeStyle, wantsColour } from './style.ts'

const style = makeStyle(true)

describe('style', () => {
  test.each([
    [true, { refused: false, isTerminal: true, env: {} }],
    [false, { refused: true, isTerminal: true, env: {} }],
    [false, { refused: false, isTerminal: false, env: {} }],
    [false, { refused: false, isTerminal: true, env: { NO_COLOR: '1' } }],
    [true, { refused: false, isTerminal: true, env: { NO_COLOR: '' } }],
    [false, { refused: false, isTerminal: true, env: { TERM: 'dumb' } }],
    [true, { refused: false, isTerminal: false, env: { FORCE_COLOR: '1' } }],
    [false, { refused: false, isTerminal: true, env: { FORCE_COLOR: '1', NO_COLOR: '1' } }],
  ] as const)('colour %s for %o', (wanted, wishes) => {
    expect(wantsColour(wishes)).toBe(wanted)
  })

  test('plain is plain', () => {
    expect(makeStyle(false).bad('x')).toBe('x')
    expect(style.bad('x')).not.toBe('x')
  })
})
