import { readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dir, env, secrets, write, antemortem, inTurn, leaked } from './program.ts'

test('what is typed wrong is told with the nearest word, and exits with 2', async () => {
  write('change.sql', 'select 1;\n')
  write('empty.sql', '-- nothing\n')
  write('broken.sql', 'create tabel x ();\n')
  write('note.sql', '-- antemortem:on nowhere\nselect 1;\n')
  const cases: readonly (readonly [string, RegExp])[] = [
    ['nonsense', /unknown command 'nonsense'/],
    ['drill rnu', /unknown command 'drill rnu', did you mean 'drill run'\?/],
    ['check --nonsense', /check: unknown option '--nonsense'/],
    ['check --strct', /unknown option '--strct', did you mean '--strict'\?/],
    ['check --format xml', /--format/],
    ['check --only nope/*', /no check matches 'nope\/\*'/],
    ['check --cluster auht', /no cluster 'auht'; did you mean 'auth'\?/],
    ['check nonsense', /'nonsense' is no address of a database/],
    ['check postgres://u@h:0/d', /port that is no port/],
    ['check --config none.yaml', /none\.yaml: there is no such file/],
    ['watch --for soon', /--for soon: expected a duration/],
    ['diagnose auht', /no cluster 'auht'; did you mean 'auth'\?/],
    ['drill run', /no drill was named/],
    ['drill run 99', /no drill '99'/],
    ['drill run 0 --seed x', /--seed x: expected a number or a range A\.\.B/],
    ['coverage --fail-under x', /--fail-under x: expected a whole number/],
    ['lab down', /which lab\?/],
    ['gate rehearse empty.sql', /there is no statement in the change/],
    ['gate rehearse broken.sql', /broken\.sql:1: syntax error/],
    ['gate rehearse note.sql', /no node|nowhere/],
    ['mend fix', /no 'mend fix'/],
  ]
  const wrong: string[] = []
  await inTurn(cases, 4, async ([line, words]) => {
    const { code, out, err } = await antemortem(...line.split(' '))
    if (code !== 2 || out !== '' || !words.test(err))
      wrong.push(`${line}: exit ${code}, stdout "${out}", stderr "${err}"`)
  })
  expect(wrong).toEqual([])
  // What was refused has made nothing.
  expect(readdirSync(dir).filter((name) => name.endsWith('.db'))).toEqual([])
})

describe('a configuration that is wrong', () => {
  const cluster = (inside: string): string => `clusters:\n  a:\n    engine: postgres\n${inside}`
  const node = '    nodes: { p: { url: "env:PRIMARY" } }\n'
  const wrong: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'an unknown key',
      cluster('    noodes: {}\n'),
      '4:5',
      /clusters\.a\.noodes: unknown key 'noodes', did you mean 'nodes'\?/,
    ],
    ['a key in another part', cluster(`${node}    url: x\n`), '5:5', /clusters\.a\.url: unknown key 'url'/],
    ['a key of a later version', `${cluster(node)}notify: []\n`, '5:1', /'notify' is not in this version yet/],
    [
      'another engine',
      'clusters: { a: { engine: mysql, nodes: { p: { url: "env:P" } } } }\n',
      '1:26',
      /expected 'postgres'/,
    ],
    ['no node', cluster('    nodes: {}\n'), '4:12', /names no node/],
    ['no address', cluster('    nodes: { p: { url: "" } }\n'), '4:24', /clusters\.a\.nodes\.p\.url/],
    ['a name with a colon', cluster('    nodes: { "p:q": { url: "env:P" } }\n'), '4:14', /a name has letters/],
    [
      'a contract of a node that is not there',
      cluster(`${node}    contracts: { login: { settings: app.env, node: pp } }\n`),
      '5:52',
      /no node 'pp'; did you mean 'p'\?/,
    ],
    [
      'a duration that is none',
      cluster(`${node}    contracts: { login: { settings: app.env, node: p, within_ms: soon } }\n`),
      '5:66',
      /within_ms: expected a duration/,
    ],
    [
      'a limit of a check that is not there',
      `${cluster(node)}thresholds: { replication/lag-tmie: { lag: 5s } }\n`,
      '5:15',
      /unknown check 'replication\/lag-tmie', did you mean 'replication\/lag-time'\?/,
    ],
    ['a store that is not there yet', `${cluster(node)}store: "postgres://h/d"\n`, '5:8', /expected sqlite:PATH/],
    ['a key twice', cluster(`${node}${node}`), '5:5', /key 'nodes' stands here again/],
    ['no YAML', 'clusters: [\n', '2:1', /./],
    ['an empty file', '', '1:1', /is empty/],
    ['a file that is no text', 'clusters: \u0001\n', '1:11', /not a text file/],
  ]

  test('is told with file, line, column, the key and the nearest one that is known', async () => {
    const failed: string[] = []
    await inTurn(wrong, 4, async ([what, text, place, words]) => {
      const file = `${what.replaceAll(' ', '-')}.yaml`
      write(file, text)
      const { code, out, err } = await antemortem('check', '--config', file)
      if (code !== 2 || out !== '' || !err.includes(`${file}:${place}: `) || !words.test(err))
        failed.push(`${what}: exit ${code}, ${err}${out}`)
    })
    expect(failed).toEqual([])
  })

  test('a password in it is refused by its line, and printed nowhere', async () => {
    const secret = 'Zk9-not-for-eyes'
    write(
      'c.yaml',
      `# postgres://old:${secret}@h/db\n${cluster(`    nodes:\n      p: { url: "postgres://u:${secret}@h/db" }\n      q: { url: "host=h user=u password=${secret}" }\n`)}`,
    )
    await inTurn(['check', 'watch', 'diagnose', 'contract test', 'mend plan'], 3, async (command) => {
      const { code, out, err } = await antemortem(...command.split(' '), '--config', 'c.yaml')
      expect([code, out]).toEqual([2, ''])
      expect(err.match(/\bc\.yaml:\d+(?=:\d+: )/g) ?? [err]).toEqual(['c.yaml:1', 'c.yaml:6', 'c.yaml:7'])
      expect(err).toMatch(/write env:NAME, file:PATH or service=NAME/)
      expect(err).not.toContain(secret)
    })
  })

  test('a variable that is not set is told with its line', async () => {
    delete env['STANDBY']
    const { code, err } = await antemortem('check')
    expect(code).toBe(2)
    expect(err).toContain(
      'antemortem.yaml:6:23: clusters.auth.nodes.standby.url: the environment variable STANDBY is not set',
    )
  })
})

test('a bundle that is broken, huge, foreign or no file is refused with 2', async () => {
  write('cut.json', '{"format":1,"progr')
  write('text.json', 'hello')
  write('empty.json', '')
  write('list.json', '[1,2,3]')
  write('newer.json', '{"format":2}')
  write('hollow.json', '{"format":1}')
  write('deep.json', '['.repeat(200_000))
  write('huge.json', '{')
  truncateSync(join(dir, 'huge.json'), 300 * 1024 * 1024)
  const cases: readonly (readonly [string, RegExp])[] = [
    ['none.json', /there is no such file/],
    ['.', /directory|EISDIR/],
    ['cut.json', /ends in the middle/],
    ['text.json', /is not JSON/],
    ['empty.json', /ends in the middle|is not JSON/],
    ['list.json', /has no format number/],
    ['newer.json', /has bundle format 2, and this version reads format 1/],
    ['hollow.json', /hollow\.json: /],
    ['deep.json', /deep\.json/],
    ['huge.json', /larger than/],
    ['/dev/zero', /larger than/],
  ]
  const wrong: string[] = []
  await inTurn(cases, 3, async ([file, words]) => {
    const { code, out, err } = await antemortem('diagnose', '--from', file)
    if (code !== 2 || out !== '' || !words.test(err))
      wrong.push(`${file}: exit ${code}, stdout "${out}", stderr "${err}"`)
  })
  expect(wrong).toEqual([])
})

test('no password reaches the bundle, the store or the report', async () => {
  const diagnosed = await antemortem('diagnose', '--bundle', 'bundle.json', '--format', 'json')
  expect(diagnosed).toMatchObject({ code: 0, err: '' })
  const watched = await antemortem('watch', '--for', '1s', '--verbose')
  expect(watched.code).toBe(0)
  const files = readdirSync(dir).filter((name) => /^bundle|\.db/.test(name))
  expect(files).toContain('bundle.json')
  expect(files).toContain('antemortem.db')
  const texts = files.map((file) => readFileSync(join(dir, file)))
  expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([])
})

test('no run has printed a password or a stack, and no process had a password in its command line', () => {
  expect(leaked()).toEqual([])
})
