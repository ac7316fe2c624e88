/**
 * Writes what repeats the code: the lists of the catalogues, the heads of their pages, the table of levels. With `--check`
 * it writes nothing and exits 1, naming what is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Check } from '../src/core/check.ts'
import type { Cause } from '../src/core/diagnosis.ts'
import type { ReviewRule } from '../src/gate/review/rule.ts'
import { catalogues, entryOf, filesOf, idOf, listText } from './generate/catalogue.ts'
import { levelTable } from './generate/levels.ts'
import { contractFailures } from '../test/contract-failures.ts'
import { causeHead, checkHead, failureTable, reviewHead, reviewTable, withGenerated } from './generate/pages.ts'

const root = resolve(import.meta.dirname, '..')

/** Every generated file with the text that it should have. */
async function* wanted(): AsyncGenerator<readonly [path: string, text: string]> {
  for (const catalogue of catalogues)
    if (existsSync(join(root, dirname(catalogue.list))) && (catalogue.type || filesOf(root, catalogue).length > 0))
      yield [catalogue.list, listText(root, catalogue)]
  for (const catalogue of catalogues)
    for (const file of filesOf(root, catalogue)) {
      const page = `docs/${catalogue.name}/${idOf(catalogue, file)}.md`
      // A page is written by a person; a missing one is named by test/catalogue.test.ts.
      if (!existsSync(join(root, page))) continue
      const head = headOf(catalogue.name, await entryOf(root, file))
      if (head !== null) yield [page, withGenerated(readFileSync(join(root, page), 'utf8'), head)]
    }
  const review = catalogues.find(({ name }) => name === 'gate/review')
  const reviewPage = 'docs/gate/review.md'
  if (review && existsSync(join(root, reviewPage))) {
    const entries = await Promise.all(filesOf(root, review).map(async (file) => entryOf(root, file)))
    // As above.
    const table = reviewTable(entries as ReviewRule[])
    yield [reviewPage, withGenerated(readFileSync(join(root, reviewPage), 'utf8'), table)]
  }
  const contracts = 'docs/contracts.md'
  if (existsSync(join(root, contracts)))
    yield [
      contracts,
      withGenerated(readFileSync(join(root, contracts), 'utf8'), failureTable(Object.values(contractFailures))),
    ]
  const architecture = 'docs/architecture.md'
  if (existsSync(join(root, architecture)))
    yield [architecture, withGenerated(readFileSync(join(root, architecture), 'utf8'), levelTable())]
}

function headOf(catalogue: string, entry: unknown): string | null {
  // The files' own types are checked by the compiler: the lists hold them to Check and Cause.
  if (catalogue === 'checks') return checkHead(entry as Check)
  // As above.
  if (catalogue === 'causes') return causeHead(entry as Cause)
  // As above.
  if (catalogue === 'gate/review') return reviewHead(entry as ReviewRule)
  return null
}

const checkOnly = process.argv.includes('--check')
const stale: string[] = []
for await (const [path, text] of wanted()) {
  const file = join(root, path)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
  stale.push(path)
  if (!checkOnly) writeFileSync(file, text)
}
for (const path of stale) console.log(checkOnly ? `stale: ${path}` : `written: ${path}`)
if (checkOnly && stale.length > 0) {
  console.log('Run: npm run generate')
  process.exitCode = 1
}
