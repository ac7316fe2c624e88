import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEnv } from './env-file.ts'

const values = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...readEnv(text)].map(([key, { value }]) => [key, value]))

describe('readEnv', () => {
  test('reads the forms that people write', () => {
    const text = [
      '# the login application',
      'DB_HOST=db1',
      'export DB_PORT = 5432',
      '',
      'DB_NAME="auth"   # quoted',
      "DB_USER='app'",
      'DB_PASSWORD=p#ss=w0rd # not this',
      'EMPTY=',
      'ALSO_EMPTY= # nothing',
      'not a line',
      'URL=postgres://app@h:1/d?x=y#z',
    ].join('\r\n')
    expect(values(text)).toEqual({
      DB_HOST: 'db1',
      DB_PORT: '5432',
      DB_NAME: 'auth',
      DB_USER: 'app',
      DB_PASSWORD: 'p#ss=w0rd',
      EMPTY: '',
      ALSO_EMPTY: '',
      URL: 'postgres://app@h:1/d?x=y#z',
    })
  })

  test('quotes hold several lines and escapes; single quotes hold everything as it stands', () => {
    expect(values('A="one\\ntwo\nthree \\"x\\""\nB=\'a\\nb ${A}\'\nC=3')).toEqual({
      A: 'one\ntwo\nthree "x"',
      B: 'a\\nb ${A}',
      C: '3',
    })
  })

  test('a value may be made of others of the same file; unknown ones stay as they stand', () => {
    expect(values('H=db1\nU="postgres://${H}:${P:-5432}/${NONE}"\nLOOP=${LOOP}x')).toMatchObject({
      U: 'postgres://db1:5432/${NONE}',
    })
    expect(values('A=${B}${B}\nB=${C}${C}\nC=${A}${A}').A?.length).toBeLessThan(1_000)
  })

  test('the last of a key given twice counts, and lines are counted', () => {
    const env = readEnv('A=1\nB="x\ny"\nA=2\n')
    expect(env.get('A')).toMatchObject({ value: '2', line: 4 })
    expect(env.get('B')?.line).toBe(2)
  })

  test('what is written in quotes is read back, whatever it is', () => {
    const key = fc.stringMatching(/^[A-Z_]{1,8}$/)
    const value = fc.string({ unit: 'binary' }).map((text) => text.replace(/\r/g, ''))
    fc.assert(
      fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (env) => {
        const text = Object.entries(env)
          .map(([name, each]) => `${name}="${each.replace(/[\\"]/g, '\\$&').replaceAll('$', '\\$')}"`)
          .join('\n')
        expect(values(text)).toEqual(env)
      }),
    )
  })

  test('any text is read, in time', () => {
    fc.assert(fc.property(fc.string(), (text) => readEnv(text) instanceof Map))
    const started = performance.now()
    readEnv('A="'.repeat(20_000))
    readEnv('A=1\n'.repeat(20_000))
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
