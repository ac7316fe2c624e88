/** Compiles `src` to `dist` for the published package. The checkout itself runs the sources. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { shapes } from '../src/shapes/shapes.ts'

const root = resolve(import.meta.dirname, '..')
const dist = join(root, 'dist')

function run(command: string, ...args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

rmSync(dist, { recursive: true, force: true })
// A list that is older than its catalogue would leave out what was added.
run(process.execPath, 'script/generate.ts', '--check')
run(join(root, 'node_modules/.bin/tsc'), '-p', 'tsconfig.build.json')

// A folder for tests that something of the product imports would be compiled with it, whatever the configuration leaves out.
const strays = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /(?:^|\/)testing|\.test\./.test(path),
)
if (strays.length > 0) throw new Error(`what is for tests only is imported by the product: ${strays.join(', ')}`)

// Postmortems of the built-in outages are read at run time.
cpSync(join(root, 'docs/postmortems'), join(dist, 'postmortems'), { recursive: true })

// The published JSON as JSON Schema, for who reads it with another language.
mkdirSync(join(dist, 'schemas'))
for (const [name, shape] of Object.entries(shapes)) {
  const text = JSON.stringify(z.toJSONSchema(shape, { io: 'output', unrepresentable: 'any' }), null, 2)
  writeFileSync(join(dist, 'schemas', `${name}.schema.json`), `${text}\n`)
}
