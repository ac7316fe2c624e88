import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Sample } from '../../core/snapshot.ts'
import { allReaders } from './observations.ts'
import { both, closeLabs, labOf, majors, run, urlOf, value, why, withLink } from './testing/looking.ts'

afterAll(closeLabs)

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/managed-servers.md'), 'utf8')

/** The facts that the page's table gives this word to, in its third or fourth column. */
const documented = (column: 2 | 3, word: string): readonly string[] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1))
    .filter((cells) => cells[column]?.trim() === word)
    .flatMap((cells) => [...(cells[0] ?? '').matchAll(/`(\w+)`/g)].map(([, fact = '']) => fact))
    .toSorted()

const unseenOf = (...all: readonly Sample['facts'][]): readonly string[] =>
  [...new Set(all.flatMap((facts) => Object.keys(why(facts))))].toSorted()

test('the page speaks of every fact', () => {
  const words = ['seen', 'not seen', '`grant select on all sequences`']
  expect(words.flatMap((word) => documented(2, word)).toSorted()).toEqual(allReaders.map(({ key }) => key).toSorted())
})

test.for(majors)(
  'on %d, without superuser and files, what is seen is what the page of managed servers says',
  async (major, { skip }) => {
    const lab = await labOf(major, skip)
    await run(lab, 'primary', [
      `create role master login password 'master' createrole createdb`,
      'grant pg_monitor to master with admin option',
      'grant app to master with admin option',
      // As a provider has it, whatever this lab gave to whom.
      'revoke execute on function pg_hba_file_rules(), pg_show_all_file_settings() from antemortem',
    ])
    const as = async (sql: string): Promise<unknown> => lab.rows('primary', `set role master; ${sql}`)
    await as(`create role reader login password 'reader'`)
    const alone = await Promise.all(
      ['primary', 'standby'].map(async (node) => withLink(lab, node, both, urlOf(lab, node, 'reader', 'reader'))),
    )
    expect(unseenOf(...alone)).toEqual(
      [...documented(3, 'not seen'), ...documented(3, '`grant select on all sequences`')].toSorted(),
    )

    await as('grant pg_monitor to reader')
    await as('set role app; grant select on all sequences in schema public to reader')
    await expect(as('grant execute on function pg_hba_file_rules() to reader')).rejects.toThrow(/permission denied/)
    await lab.caughtUp()
    const nodes = await Promise.all(
      ['primary', 'standby'].map(async (node) => withLink(lab, node, both, urlOf(lab, node, 'reader', 'reader'))),
    )
    expect(unseenOf(...nodes)).toEqual(documented(2, 'not seen'))
    for (const facts of nodes) {
      expect(value(facts, 'privileges')).toMatchObject({
        superuser: false,
        monitor: true,
        readAllData: false,
        writes: false,
      })
      expect(value(facts, 'sequences')).toMatchObject([{ name: 'orders_id_seq' }])
    }
  },
)
