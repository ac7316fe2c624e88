/**
 * `script/measure PART…` runs measurements and writes their figures, with date, commit and load, into docs/measurements.md.
 * `--withdraw` takes the figures of older code out, and names their parts as not measured. Each part names the folders that it speaks of: test/measurements.test.ts fails when they have changed since.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { resolve } from 'node:path'
import { digestOf, parts, sectionOf, withoutSections, withSection } from './measuring/parts.ts'

const root = resolve(import.meta.dirname, '..')
const page = resolve(root, 'docs/measurements.md')
const wanted = process.argv.slice(2)
if (wanted[0] === '--withdraw') {
  const text = readFileSync(page, 'utf8')
  const isFresh = ({ name, speaksOf }: (typeof parts)[number]): boolean =>
    speaksOf.length === 0 || text.includes(`<!-- measured:${name} sources:${digestOf(root, speaksOf)} -->`)
  const stale = parts.filter((part) => !isFresh(part)).map(({ name }) => name)
  writeFileSync(page, withoutSections(text, stale))
  console.error(`without figures for this code: ${stale.join(', ') || 'none'}`)
  process.exit(0)
}
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name))
if (wanted.length === 0 || unknown.length > 0) {
  console.error(
    `${unknown.length > 0 ? `no such part: ${unknown.join(', ')}\n` : ''}usage: script/measure PART… | --withdraw\n`,
  )
  for (const { name, title } of parts) console.error(`  ${name.padEnd(12)} ${title}`)
  process.exit(2)
}
for (const name of wanted) {
  const part = parts.find((each) => each.name === name)
  if (!part) continue
  const loadBefore = loadavg()[0] ?? 0
  const digest = digestOf(root, part.speaksOf)
  console.error(`measuring ${name}: ${part.title}`)
  const measured = await (await part.load()).default((words) => console.error(`  ${words}`))
  const commit = execFileSync('git', ['describe', '--always', '--dirty', '--exclude', '*'], {
    cwd: root,
    encoding: 'utf8',
  }).trim()
  const section = sectionOf(part, measured, {
    date: new Date().toISOString().slice(0, 10),
    commit,
    digest,
    machine: `${cpus().length} cores, load ${loadBefore.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`,
  })
  writeFileSync(page, withSection(readFileSync(page, 'utf8'), name, section))
  console.log(section)
  if (!measured.met) process.exitCode = 1
}
