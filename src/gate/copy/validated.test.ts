import { expect, test } from 'vitest'
import { snapshot, table, column } from '../../../test/builders.ts'
import { readChange } from '../change/read-change.ts'
import { probesFor } from '../review/probes.ts'
import { stepsOf } from '../run/targets.ts'
import { asValidated } from './validated.ts'

const nodes = snapshot({
  primary: {
    tables: [table('users'), table('orders', { columns: [column('id', 'integer'), column('user_id', 'integer')] })],
  },
}).nodes

async function asked(text: string): Promise<readonly string[]> {
  const steps = stepsOf(await readChange({ name: 'm.sql', text }), [{ name: 'primary', role: 'primary' }])
  const input = {
    statements: asValidated(steps).map(({ statement, nodes: on }, n) => ({
      ...statement,
      n,
      nodes: on,
      isNew: true,
      inBlock: false,
    })),
    settings: [],
    accessFiles: [],
    unreadable: [],
    foreign: [],
    notRead: [],
    topology: { cluster: 'auth', primary: 'primary', nodes, addresses: {}, logins: [], extensions: {} },
    probes: [],
    today: '',
  }
  return probesFor(input).map(({ statement, rows }) => `${statement.line}: ${rows.kind}`)
}

test.each([
  [
    'alter table orders add constraint c check (id > 0) not valid;\nalter table orders validate constraint c',
    ['2: unless'],
  ],
  [
    'alter table orders add constraint f foreign key (user_id) references users (id) not valid;\nalter table orders validate constraint f',
    ['2: orphan'],
  ],
  ['alter table orders add constraint c check (id > 0) not valid', []],
  ['alter table orders validate constraint older', []],
  ['alter table orders add constraint c check (id > 0)', ['1: unless']],
])('%j asks production %j', async (text, expected) => {
  expect(await asked(text)).toEqual(expected)
})
