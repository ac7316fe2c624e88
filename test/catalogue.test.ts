import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { expect, test } from 'vitest'
import { catalogues, entryOf, filesOf, idOf } from '../script/generate/catalogue.ts'
import type { Catalogue } from '../script/generate/catalogue.ts'
import { withGenerated } from '../script/generate/pages.ts'

const root = resolve(import.meta.dirname, '..')

/** What a page of each catalogue must say, in its author's own words. */
const sections: Readonly<Record<string, readonly string[]>> = {
  checks: ['Why it matters', 'How it is seen', 'What to do', 'When to turn it off'],
  'gate/review': ['Why it matters', 'What to do', 'When to let it pass'],
  causes: ['What it is', 'What confirms it', 'What it is mistaken for', 'What to do'],
}

const paged = catalogues.filter(({ name }) => name in sections)

/** Sections of a page that hold text, by heading. */
function writtenSections(page: string): readonly string[] {
  const parts = page.split(/^## /m).slice(1)
  return parts
    .filter((part) => part.includes('\n') && part.slice(part.indexOf('\n')).trim() !== '')
    .map((part) => part.slice(0, part.indexOf('\n')).trim())
}

/** What is missing around the files of a catalogue. */
function missing(catalogue: Catalogue): string[] {
  return filesOf(root, catalogue).flatMap((file) => {
    const page = `docs/${catalogue.name}/${idOf(catalogue, file)}.md`
    const trial = file.replace(/\.ts$/, '.test.ts')
    const lacks = existsSync(join(root, trial)) ? [] : [`${trial} is missing`]
    if (!existsSync(join(root, page))) return [...lacks, `${page} is missing`]
    const written = writtenSections(readFileSync(join(root, page), 'utf8'))
    const unwritten = (sections[catalogue.name] ?? []).filter((section) => !written.includes(section))
    return [...lacks, ...unwritten.map((section) => `${page} does not say: ${section}`)]
  })
}

test('what is generated is fresh', () => {
  const run = spawnSync(process.execPath, ['script/generate.ts', '--check'], { cwd: root, encoding: 'utf8' })
  expect(run.stdout + run.stderr).toBe('')
  expect(run.status).toBe(0)
})

test.each(paged)('every file of $name has its test and its page, and the page says what it must', (catalogue) => {
  expect(filesOf(root, catalogue)).not.toEqual([])
  expect(missing(catalogue)).toEqual([])
})

test.each(paged)('every page of $name has its file', (catalogue) => {
  const folder = join(root, 'docs', catalogue.name)
  const pages = (existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [])
    .map((path) => path.split(sep).join('/'))
    // Pages on top are about the catalogue as a whole.
    .filter((path) => path.endsWith('.md') && path.includes('/'))
  const ids = new Set(filesOf(root, catalogue).map((file) => `${idOf(catalogue, file)}.md`))
  expect(pages.filter((page) => !ids.has(page))).toEqual([])
})

test.each(catalogues)('every file of $name exports an object of its own name', async (catalogue) => {
  const misnamed: string[] = []
  for (const file of filesOf(root, catalogue)) {
    const name = idOf(catalogue, file)
    const id = idIn(await entryOf(root, file))
    // A drill's file carries a few words behind its number.
    if (catalogue.name === 'drills' ? !name.startsWith(`${id}-`) : name !== id) misnamed.push(`${file}: ${id}`)
  }
  expect(misnamed).toEqual([])
})

function idIn(entry: unknown): string {
  return typeof entry === 'object' && entry !== null && 'id' in entry ? String(entry.id) : 'nothing'
}

test('a page keeps what its author wrote when its generated part is renewed', () => {
  const byHand = '# a/b\n\n> Is it?\n\n## Why it matters\n\nBecause.\n'
  const once = withGenerated(byHand, '# a/b\n\n> Is it so?')
  expect(once).toBe(
    '<!-- generated:begin -->\n# a/b\n\n> Is it so?\n<!-- generated:end -->\n\n## Why it matters\n\nBecause.\n',
  )
  expect(withGenerated(once, '# a/b\n\n> Is it so?')).toBe(once)
})

test('a heading without text under it is no section', () => {
  expect(writtenSections('# a\n\n## One\n\n## Two\n\ntext\n')).toEqual(['Two'])
})
