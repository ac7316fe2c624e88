import { expect, test } from 'vitest'
import { authBlueprint } from './auth.ts'
import { blueprintKey, checkBlueprint, type Blueprint } from './blueprint.ts'

const auth = authBlueprint()

test('other names and ports of nodes need no other template, other tables do', () => {
  const renamed = authBlueprint({
    names: { primary: 'db1', standby: 'db2', subscriber: 'db3' },
    ports: { db1: 21001, db2: 21002, db3: 21003 },
  })
  expect(renamed.nodes[0]).toMatchObject({ name: 'db1', port: 21001 })
  expect(blueprintKey(renamed)).toBe(blueprintKey(auth))
  expect(blueprintKey(authBlueprint({ names: { usersTable: 'accounts' } }))).not.toBe(blueprintKey(auth))
  expect(blueprintKey(auth, '18.4')).not.toBe(blueprintKey(auth, '18.5'))
})

const wrong: readonly (readonly [string, Partial<Blueprint>])[] = [
  ['exactly one primary', { nodes: auth.nodes.filter(({ role }) => role !== 'primary') }],
  ['two nodes have the same name', { nodes: [...auth.nodes, ...auth.nodes.slice(1)] }],
  ['is no name for a node', { nodes: auth.nodes.map((node, n) => (n === 0 ? { ...node, name: '../x' } : node)) }],
  ['is no name for a node', { nodes: auth.nodes.map((node, n) => (n === 0 ? { ...node, name: 'lab.json' } : node)) }],
  ['role app is not among its roles', { roles: [], logins: { ...auth.logins, watch: 'postgres' } }],
  ['has no slot', { nodes: auth.nodes.map(({ name, role }) => ({ name, role })) }],
]

test.each(wrong)('a topology is refused: %s', (why, change) => {
  expect(() => checkBlueprint({ ...auth, ...change })).toThrow(why)
})

test('the topology auth is accepted', () => {
  expect(() => checkBlueprint(auth)).not.toThrow()
})
