import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AntemortemError } from '../core/error.ts'
import { route } from './route.ts'

const names = ['check', 'contract test', 'drill list', 'drill run', 'gate', 'gate review', 'watch']
const at = (...argv: readonly string[]) => route(argv, names)

/** null where the line is refused. */
function routeOf(argv: readonly string[]) {
  try {
    return at(...argv)
  } catch (error) {
    if (error instanceof AntemortemError) return null
    throw error
  }
}

describe('route', () => {
  test.each([
    [['check', 'postgres://x'], 'check', ['postgres://x']],
    [['--config', 'check', 'check'], 'check', ['--config', 'check']],
    [['--format=json', 'drill', 'run', '0', '--seed', '7'], 'drill run', ['--format=json', '0', '--seed', '7']],
    [['drill', '--quiet', 'run', 'a'], 'drill run', ['--quiet', 'a']],
    [['gate', 'review', 'f.sql'], 'gate review', ['f.sql']],
    [['gate', '--', 'review', '--help'], 'gate', ['--', 'review', '--help']],
    [['gate', 'x', 'review'], 'gate', ['x', 'review']],
    [['watch', '--for', '60s', '--format', 'json'], 'watch', ['--for', '60s', '--format', 'json']],
  ])('%j is %s', (argv, name, rest) => {
    expect(at(...argv)).toEqual({ kind: 'command', name, rest })
  })

  test.each([
    [[], '', false],
    [['--help'], '', true],
    [['drill'], 'drill', false],
    [['drill', '-h'], 'drill', true],
    [['--verbose'], '', false],
  ])('%j asks for an overview', (argv, words, isHelp) => {
    expect(at(...argv)).toEqual({ kind: 'group', words, isHelp })
  })

  test.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['chek'], "unknown command 'chek', did you mean 'check'?"],
    [['dril'], "unknown command 'dril', did you mean 'drill'?"],
    [['drill', 'rum'], "unknown command 'drill rum', did you mean 'drill run'?"],
    [['constructor'], "unknown command 'constructor'"],
  ])('%j is refused', (argv, message) => {
    expect(() => at(...argv)).toThrow(message)
  })

  test('no word of the line is lost or made up', () => {
    const word = fc.constantFrom('check', 'drill', 'run', '--config', 'x', '--', '-q', 'gate', 'review')
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        const found = routeOf(argv)
        const words = found?.kind === 'command' ? [...found.name.split(' '), ...found.rest] : argv
        expect(words.toSorted()).toEqual(argv.toSorted())
      }),
    )
  })
})
